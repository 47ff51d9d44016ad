import { fileURLToPath } from 'node:url';
import type { Engine } from '../../training/engine.ts';
import { type Command, openEngine } from '../command.ts';
import { readCases, readRecording } from './recording.ts';
import { type Deviation, replay } from './replay.ts';

/** Float32 allows no less over some dozen steps; a wrong formula is off by far more. */
const BOUNDS = { lossRel: 1e-5, weightAbs: 1e-4, predictionAbs: 1e-4 };

const GOLDEN = fileURLToPath(new URL('../../../test/golden', import.meta.url));

export const parityCommand: Command = {
  usage: `usage: npm run parity -- --engine NAME [--cases DIR]
Replays training trajectories that Keras recorded (DIR/cases.json or DIR/index.json, and one .npz for each case, with Keras' own masks where
there is dropout; default test/golden) and prints a JSON line for each. A case passes when the loss of every step is within ${BOUNDS.lossRel} (relative), every final weight within ${BOUNDS.weightAbs} and every
prediction within ${BOUNDS.predictionAbs}. Exits with 1 when a case misses or cannot be replayed.`,
  options: ['cases'],
  async run(given, print) {
    const { cases: folder = GOLDEN } = given.options;
    const engine = await openEngine(given);
    const cases = Object.entries(await readCases(folder));
    let passed = 0;
    for (const [name, entry] of cases) {
      const line = await replayCase(engine, folder, name, entry);
      print(line);
      if (line.pass) passed += 1;
    }
    process.stderr.write(`${passed} of ${cases.length} cases pass\n`);
    return cases.length > 0 && passed === cases.length;
  },
};

async function replayCase(engine: Engine, folder: string, name: string, entry: unknown) {
  const { name: engineName, variant } = engine.info;
  const line = { case: name, engine: engineName, variant };
  try {
    const deviation = replay(engine, await readRecording(folder, name, entry));
    return { ...line, ...toWire(deviation), pass: isWithinBounds(deviation) };
  } catch (error) {
    const nothing = { maxLossRel: Number.NaN, maxWeightAbs: Number.NaN, maxPredictionAbs: null };
    return { ...line, ...toWire(nothing), pass: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** JSON has no number for what is none: it becomes null. */
const toWire = ({ maxLossRel, maxWeightAbs, maxPredictionAbs }: Deviation) => ({
  max_loss_rel: maxLossRel,
  max_weight_abs: maxWeightAbs,
  max_prediction_abs: maxPredictionAbs,
});

const isWithinBounds = ({ maxLossRel, maxWeightAbs, maxPredictionAbs }: Deviation): boolean =>
  maxLossRel <= BOUNDS.lossRel && maxWeightAbs <= BOUNDS.weightAbs && (maxPredictionAbs ?? 0) <= BOUNDS.predictionAbs;
