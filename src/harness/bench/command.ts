import { fileURLToPath } from 'node:url';
import { ENGINES } from '../../contract/engine-info.ts';
import { engineVariants } from '../../engines/select.ts';
import { type Arguments, UsageError } from '../arguments.ts';
import { type Command, openEngine } from '../command.ts';
import { fitTable, raceFits } from './fit.ts';
import { benchPlan, timeModel } from './model.ts';
import { readModels } from './models.ts';
import { isWell, type Race } from './race.ts';
import { timeService } from './service.ts';
import { raceSteps, stepTables } from './steps.ts';
import { footnotes } from './table.ts';

const MODELS = fileURLToPath(new URL('../../../bench/models.json', import.meta.url));

/** What each kind of call takes beside --engine; the first option is what asks for it. */
const CALLS = {
  peers: { options: ['peers', 'models', 'only'], run: benchPeers },
  fit: { options: ['fit', 'epochs', 'runs'], run: benchFit },
  service: { options: ['service', 'posts', 'cancels'], run: benchService },
  engine: { options: ['models', 'only'], run: benchEngine },
} as const;

export const benchCommand: Command = {
  usage: `usage: npm run bench -- --engine NAME [--models FILE] [--only NAME]
       npm run bench -- --peers PYTHON [--engine NAME ...] [--models FILE] [--only NAME]
       npm run bench -- --fit PYTHON [--engine NAME ...] [--epochs 10] [--runs 3]
       npm run bench -- --service [--posts 200] [--cancels 10]
Times the training step of each model in FILE (default bench/models.json), or of the one named, and prints a JSON line for each:
milliseconds a step, best and median of five passes after a warm-up. Compare with a peer in the same run: times drift between runs.

--peers times the engines and every peer that PYTHON can import (Keras on TensorFlow and on JAX, PyTorch with 1 and 2 threads) in
turn, and prints a table of times and one of ratios, with the limit: the matrix products at the rate of this machine's sgemm.
--fit times the seed's job with the engines and with Keras' fit in turn, and prints a table.
--service starts a service of its own and times how long a cancel takes until the trainer is gone, and a POST until its 202 while a
training uses the machine: a JSON line for each, in milliseconds.
Without --engine, --peers takes every variant of every engine and --fit every engine. Both name what cannot take part here, and exit
with 1 when a contender fails or there is nothing to compare.`,
  options: ['models', 'only', 'peers', 'fit', 'epochs', 'runs', 'posts', 'cancels'],
  flags: ['service'],
  async run(given, print) {
    const { options } = given;
    const call = CALLS[(['peers', 'fit', 'service'] as const).find((name) => options[name] !== undefined) ?? 'engine'];
    const stray = Object.keys(options).find((name) => !(call.options as readonly string[]).includes(name));
    if (stray)
      throw new UsageError(`--${stray} does not go with this call: expected ${call.options.map((name) => `--${name}`).join(', ')}`);
    return call.run(given, print);
  },
};

async function benchEngine(given: Arguments, print: (line: object) => void): Promise<boolean> {
  const { models = MODELS, only } = given.options;
  const chosen = await readModels(models, only);
  const engine = await openEngine(given);
  for (const model of chosen) {
    const { name, variant } = engine.infoFor(benchPlan(model));
    const { best, median } = timeModel(engine, model);
    print({ engine: name, variant, model: model.name, best_ms: round(best), median_ms: round(median) });
  }
  return true;
}

async function benchPeers({ engines, options }: Arguments): Promise<boolean> {
  const { peers: python = '', models: file = MODELS, only } = options;
  const models = await readModels(file, only);
  const ours = engines.length > 0 ? engines : await engineVariants();
  const result = await raceSteps(python, ours, file, models);
  return report(stepTables(result, models), result);
}

async function benchFit({ engines, options }: Arguments): Promise<boolean> {
  const { fit: python = '' } = options;
  const [epochs, runs] = [count(options, 'epochs', 10), count(options, 'runs', 3)];
  const result = await raceFits(python, engines.length > 0 ? engines : ENGINES, epochs, runs);
  return report(fitTable(result, epochs), result);
}

async function benchService({ engines, options }: Arguments, print: (line: object) => void): Promise<boolean> {
  if (engines.length > 0) throw new UsageError('--engine does not go with --service: its jobs take the engine that a service chooses');
  const lines = await timeService(count(options, 'posts', 200), count(options, 'cancels', 10));
  for (const line of lines) print(line);
  return true;
}

function report(tables: string, result: Race<unknown>): boolean {
  process.stdout.write(`${tables}\n\n${footnotes(result)}\n`);
  return isWell(result);
}

function count(options: Arguments['options'], name: string, fallback: number): number {
  const value = Number(options[name] ?? fallback);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`--${name} is ${options[name]}: expected a whole number from 1`);
}

const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
