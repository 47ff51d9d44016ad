import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseSpec } from '../../contract/explain/parse.ts';
import type { Spec } from '../../contract/spec.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { describeDataset, loadDataset } from '../../datasets/sources.ts';
import { type Plan, planSpec } from '../../plan/plan.ts';
import type { Engine } from '../../training/engine.ts';
import { initialWeights } from '../../training/initializers.ts';
import { train } from '../../training/loop.ts';
import { type Command, openEngine } from '../command.ts';
import { MemoryStore } from '../memory-store.ts';
import { type Sample, sampleOf, welch } from './welch.ts';

/*
 * Unseeded equality with Keras is impossible, so distributions are compared: several seeds of each model against runs that were recorded with
 * Keras. Welch's test on validation loss and accuracy of the last epoch.
 */

/** The seed notebook's two models, and one that learns faster: test/golden/record-seeds.py says why. */
const MODELS = {
  lstm: { dataset: { source: 'imdb-mini' } },
  lstm_dropout: { dataset: { source: 'imdb-mini' }, model: { lstm: [{ dropout: 0.3 }] } },
  lstm_recurrent_dropout: {
    dataset: { source: 'imdb-mini', maxlen: 50 },
    model: { lstm: [{ dropout: 0.3, recurrent_dropout: 0.3 }] },
    training: { epochs: 3, optimizer: { type: 'sgd', learning_rate: 0.2, momentum: 0.9 } },
  },
} as const;
const QUANTITIES = ['val_loss', 'val_accuracy'] as const;
/** Smaller ones say that the two distributions differ. */
const SIGNIFICANCE = 0.01;

type Model = keyof typeof MODELS;
type End = Record<(typeof QUANTITIES)[number], number>;
type Recorded = Record<Model, Record<keyof End, number[]>[]>;

interface Row {
  readonly model: Model;
  readonly quantity: keyof End;
  readonly ours: Sample;
  readonly keras: Sample;
  readonly p: number;
}

export const seedsCommand: Command = {
  usage: `usage: npm run seeds -- --engine NAME [--seeds 16] [--write FILE]

Trains three models with several seeds and compares the last epoch with recorded runs of Keras by Welch's test.
Prints one JSON line for each run and each comparison; --write puts a table into FILE. Exits with 1 when p <= ${SIGNIFICANCE} anywhere.`,
  options: ['seeds', 'write'],
  async run(given, print) {
    const { options } = given;
    const engine = await openEngine(given);
    const seeds = Number(options['seeds'] ?? 16);
    const recorded = JSON.parse(readFileSync(new URL('../../../test/golden/keras-imdb-history.json', import.meta.url), 'utf8')) as Recorded;
    const rows: Row[] = [];
    for (const model of Object.keys(MODELS) as Model[]) {
      const ends = await trainSeeds(engine, model, seeds, print);
      rows.push(...QUANTITIES.map((quantity) => compare(model, quantity, ends, recorded)));
    }
    for (const row of rows) print(row);
    if (options['write']) await writeFile(options['write'], tableOf(engine, seeds, rows));
    return rows.every(({ p }) => p > SIGNIFICANCE);
  },
};

async function trainSeeds(engine: Engine, model: Model, seeds: number, print: (line: object) => void): Promise<End[]> {
  const spec = parseSpec(MODELS[model]);
  const signal = new AbortController().signal;
  const shape = await describeDataset(spec.dataset);
  const plan = planSpec(spec, shape);
  const data = await loadDataset(spec.dataset, shape, { imdbPath: null, imdbUrl: null, cacheDir: tmpdir(), signal, onProgress: () => {} });
  const ends: End[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const end = await trainOnce(engine, plan, { ...spec, training: { ...spec.training, seed } }, data);
    print({ model, seed, ...end });
    ends.push(end);
  }
  return ends;
}

async function trainOnce(engine: Engine, plan: Plan, spec: Spec, data: Dataset): Promise<End> {
  const trainable = engine.compile(plan, spec.training.optimizer, spec.training.batch_size);
  const report = { onBatch: () => {}, onEpoch: () => {} };
  const signal = new AbortController().signal;
  const { state } = await train({
    plan,
    spec,
    data,
    engine: trainable,
    initialWeights: () => initialWeights(plan, spec.training.seed),
    store: new MemoryStore(),
    signal,
    report,
  });
  trainable.dispose();
  const logs = state.history.at(-1)?.logs;
  return { val_loss: logs?.['val_loss'] ?? Number.NaN, val_accuracy: logs?.['val_accuracy'] ?? Number.NaN };
}

function compare(model: Model, quantity: keyof End, ends: readonly End[], recorded: Recorded): Row {
  const ours = sampleOf(ends.map((end) => end[quantity]));
  const keras = sampleOf(recorded[model].map((run) => run[quantity].at(-1) ?? Number.NaN));
  return { model, quantity, ours, keras, p: welch(ours, keras) };
}

function tableOf({ info }: Engine, seeds: number, rows: readonly Row[]): string {
  const show = ({ mean, deviation }: Sample): string => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
  return [
    `## ${info.name}, ${info.variant}`,
    '',
    `\`npm run seeds -- --engine ${info.name}\`: ${seeds} seeds of each model, last epoch, beside 16 recorded runs of Keras.`,
    '',
    '| model | quantity | epochd | Keras | Welch p |',
    '|---|---|---|---|---|',
    ...rows.map(({ model, quantity, ours, keras, p }) => `| ${model} | ${quantity} | ${show(ours)} | ${show(keras)} | ${p.toFixed(3)} |`),
    '',
  ].join('\n');
}
