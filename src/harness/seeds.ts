import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { parseSpec } from '../contract/parse.ts';
import type { Spec } from '../contract/spec.ts';
import { describeDataset } from '../datasets/describe.ts';
import { loadDataset } from '../datasets/load.ts';
import { loadEngine } from '../engines/select.ts';
import type { Engine } from '../training/engine.ts';
import { train } from '../training/loop.ts';
import { planModel } from '../training/plan.ts';
import type { TrainingData } from '../training/rows.ts';
import { memoryStore } from './memory-store.ts';
import { type Sample, sampleOf, welch } from './welch.ts';

/*
 * Unseeded equality with Keras is impossible, so distributions are compared: the seed's two models, several seeds each, against
 * runs that were recorded with Keras. Welch's test on validation loss and accuracy of the last epoch.
 */

const QUANTITIES = ['val_loss', 'val_accuracy'] as const;
const MODELS = { lstm: 0, lstm_dropout: 0.3 } as const;
type ModelName = keyof typeof MODELS;
type Quantity = (typeof QUANTITIES)[number];
type Recorded = Record<ModelName, Record<Quantity, number[]>[]>;

interface Row {
  readonly model: ModelName;
  readonly quantity: Quantity;
  readonly ours: Sample;
  readonly keras: Sample;
  readonly p: number;
}

const USAGE = `usage: npm run seeds -- --engine NAME [--seeds 16] [--write FILE]
Trains the seed's two models with several seeds and compares epoch 10 with recorded Keras runs; exits 1 when p <= 0.01 anywhere.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string' },
      seeds: { type: 'string', default: '16' },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !values.engine) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const engine = await loadEngine(values.engine);
  const recorded = JSON.parse(readFileSync(new URL('../../test/golden/keras-imdb-history.json', import.meta.url), 'utf8')) as Recorded;
  const rows: Row[] = [];
  for (const model of Object.keys(MODELS) as ModelName[]) {
    const ends = await trainSeeds(engine, model, Number(values.seeds));
    for (const quantity of QUANTITIES) rows.push(compare(model, quantity, ends, recorded));
  }
  const report = render(engine, Number(values.seeds), rows);
  process.stdout.write(report);
  if (values.write) writeFileSync(values.write, report);
  return rows.every(({ p }) => p > 0.01) ? 0 : 1;
}

async function trainSeeds(engine: Engine, model: ModelName, seeds: number): Promise<Record<Quantity, number>[]> {
  const spec = parseSpec({ dataset: { source: 'imdb-mini' }, model: { lstm: [{ dropout: MODELS[model] }] } });
  const options = { imdbPath: null, imdbUrl: '', cacheDir: tmpdir(), signal: new AbortController().signal, onProgress: () => {} };
  const data = await loadDataset(spec.dataset, options);
  const ends: Record<Quantity, number>[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const end = await trainOnce(engine, { ...spec, training: { ...spec.training, seed } }, data);
    console.error(JSON.stringify({ model, seed, ...end }));
    ends.push(end);
  }
  return ends;
}

async function trainOnce(engine: Engine, spec: Spec, data: TrainingData): Promise<Record<Quantity, number>> {
  const plan = planModel(spec.model, describeDataset(spec.dataset).input, 1, spec.training.loss);
  const trainable = engine.compile(plan, spec.training.optimizer, spec.training.batch_size);
  try {
    const report = { onBatch: () => {}, onEpoch: () => {} };
    const { state } = await train({
      plan,
      spec,
      data,
      engine: trainable,
      store: memoryStore(),
      signal: new AbortController().signal,
      report,
    });
    const last = state.history.at(-1)?.logs ?? {};
    return { val_loss: last['val_loss'] ?? Number.NaN, val_accuracy: last['val_accuracy'] ?? Number.NaN };
  } finally {
    trainable.dispose();
  }
}

function compare(model: ModelName, quantity: Quantity, ends: readonly Record<Quantity, number>[], recorded: Recorded): Row {
  const ours = sampleOf(ends.map((end) => end[quantity]));
  const keras = sampleOf(recorded[model].map((run) => run[quantity].at(-1) ?? Number.NaN));
  return { model, quantity, ours, keras, p: welch(ours, keras) };
}

function render(engine: Engine, seeds: number, rows: readonly Row[]): string {
  const show = ({ mean, deviation }: Sample): string => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
  return [
    `## ${engine.info.name}, ${engine.info.variant}`,
    '',
    `\`npm run seeds -- --engine ${engine.info.name}\`: ${seeds} seeds of each model, epoch 10, beside 16 recorded Keras runs. ${cpus()[0]?.model ?? ''}`,
    '',
    '| model | quantity | epochd | Keras | Welch p |',
    '|---|---|---|---|---|',
    ...rows.map(({ model, quantity, ours, keras, p }) => `| ${model} | ${quantity} | ${show(ours)} | ${show(keras)} | ${p.toFixed(3)} |`),
    '',
  ].join('\n');
}

process.exitCode = await main();
