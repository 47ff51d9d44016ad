import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type BenchModel, stepFlops } from './model.ts';
import { type Contender, type Finisher, type Race, race } from './race.ts';
import { nameWith, type Row, ratio, show, tableOf } from './table.ts';

const PEERS = ['keras-tensorflow', 'keras-jax', 'torch-1', 'torch-2'] as const;

const BENCH = fileURLToPath(new URL('../bench.js', import.meta.url));
const STEP = fileURLToPath(new URL('../../../bench/peers/step.py', import.meta.url));
const LIMIT = fileURLToPath(new URL('../../../bench/peers/limit.py', import.meta.url));

const timingSchema = z.object({ variant: z.string().optional(), best_ms: z.number(), median_ms: z.number() });

export type Timing = z.infer<typeof timingSchema>;

/** Times a training step of each model with ours and with the peers of `python`. `file` is where the models stand. */
export function raceSteps(python: string, engines: readonly string[], file: string, models: readonly BenchModel[]): Promise<Race<Timing>> {
  const ours = engines.map((engine): Contender<BenchModel> => {
    const argsOf = ({ name }: BenchModel) => [BENCH, '--engine', engine, '--models', file, '--only', name];
    return { name: engine, kind: 'ours', program: process.execPath, argsOf };
  });
  const peers = PEERS.map((peer): Contender<BenchModel> => {
    return { name: peer, kind: 'peer', program: python, argsOf: ({ name }) => [STEP, peer, file, name] };
  });
  const limit: Contender<BenchModel> = {
    name: 'limit',
    kind: 'limit',
    program: python,
    argsOf: (model) => [LIMIT, String(stepFlops(model))],
  };
  return race([limit, ...alternate(ours, peers)], models, timingSchema);
}

const alternate = <T>(a: readonly T[], b: readonly T[]): T[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [...a.slice(at, at + 1), ...b.slice(at, at + 1)]).flat();

/** Times of all, then the ratios of ours to each peer and to the limit. */
export function stepTables({ finishers }: Race<Timing>, models: readonly BenchModel[]): string {
  const of = (kind: Finisher<Timing>['kind']) => finishers.filter((finisher) => finisher.kind === kind);
  const columns = [...of('ours'), ...of('peer'), ...of('limit')];
  const others = [...of('peer'), ...of('limit')];
  const times = models.map(({ name }) => [name, ...columns.map((finisher) => showTiming(finisher.answers.get(name)))]);
  const ratios = models.flatMap(({ name }) => of('ours').map((ours) => ratioRow(name, ours, of('peer'), others)));
  return [
    "Milliseconds a training step, best of five passes (median). The limit is the step's matrix products at the rate of sgemm on two threads.",
    tableOf(['model', ...columns.map(({ name }) => name)], times),
    'Ours divided by theirs, best by best.',
    tableOf(['model', 'ours', 'fastest peer', ...others.map(({ name }) => name)], ratios),
  ].join('\n\n');
}

function ratioRow(model: string, ours: Finisher<Timing>, peers: readonly Finisher<Timing>[], others: readonly Finisher<Timing>[]): Row {
  const best = (finisher: Finisher<Timing> | undefined) => finisher?.answers.get(model)?.best_ms;
  const [fastest] = peers.filter(best).toSorted((a, b) => (best(a) ?? 0) - (best(b) ?? 0));
  const ratios = [fastest, ...others].map((other) => show(ratio(best(ours), best(other))));
  const [toFastest = '', ...toOthers] = ratios;
  return [
    model,
    nameWith(ours.name, ours.answers.get(model)?.variant),
    fastest ? `${toFastest} (${fastest.name})` : toFastest,
    ...toOthers,
  ];
}

const showTiming = (timing: Timing | undefined): string =>
  timing ? `${show(timing.best_ms)} (${show(timing.median_ms)})` : show(undefined);
