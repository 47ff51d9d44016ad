import { fileURLToPath } from 'node:url';
import type { Engine } from '../training/engine.ts';
import { type Harness, runCommand } from './command.ts';
import { readCases, readRecording } from './recording.ts';
import { replay } from './replay.ts';

/** Float32 allows no less over some dozen steps; a wrong formula is off by far more. */
const BOUNDS = { lossRel: 1e-5, weightAbs: 1e-4, predictionAbs: 1e-4 };

const GOLDEN = fileURLToPath(new URL('../../test/golden', import.meta.url));

const usage = {
  options: ['cases'],
  text: `usage: npm run parity -- --engine NAME [--cases DIR]
Replays training trajectories that Keras recorded (DIR/cases.json and one .npz for each case; default test/golden) and prints a JSON
line for each. Passes where the loss of every step is within ${BOUNDS.lossRel} (relative), every final weight within ${BOUNDS.weightAbs} and every prediction
within ${BOUNDS.predictionAbs}. Exits with 1 when a case misses or cannot be replayed.`,
};

const parity: Harness = async (engine, { cases: folder = GOLDEN }, print) => {
  const cases = Object.entries(await readCases(folder));
  let passed = 0;
  for (const [name, entry] of cases) {
    const line = await check(engine, folder, name, entry);
    print({ case: name, engine: engine.info.name, variant: engine.info.variant, ...line });
    if (line.pass) passed += 1;
  }
  process.stderr.write(`${passed} of ${cases.length} cases pass\n`);
  return passed === cases.length && cases.length > 0;
};

async function check(engine: Engine, folder: string, name: string, entry: unknown) {
  try {
    const { maxLossRel, maxWeightAbs, maxPredictionAbs } = replay(engine, await readRecording(folder, name, entry));
    const pass =
      maxLossRel <= BOUNDS.lossRel &&
      maxWeightAbs <= BOUNDS.weightAbs &&
      (maxPredictionAbs === null || maxPredictionAbs <= BOUNDS.predictionAbs);
    return { max_loss_rel: maxLossRel, max_weight_abs: maxWeightAbs, max_prediction_abs: maxPredictionAbs, pass };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { max_loss_rel: null, max_weight_abs: null, max_prediction_abs: null, pass: false, error: message };
  }
}

process.exitCode = await runCommand(process.argv.slice(2), usage, parity);
