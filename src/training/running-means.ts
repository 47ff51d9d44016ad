import { finite, type Logs } from '../contract/history.ts';
import type { Spec } from '../contract/spec.ts';
import type { Batch, BatchResult } from './engine.ts';
import { batchMetric } from './metrics.ts';

/** Loss and metrics summed over the rows seen so far: each batch counts by its rows, as in Keras. */
export interface RunningMeans {
  rows: number;
  /** The loss first, then the metrics in the order of the spec. */
  sums: readonly number[];
}

export const noMeans = (): RunningMeans => ({ rows: 0, sums: [] });

export function addBatch(
  means: RunningMeans,
  { loss, metrics }: Pick<Spec['training'], 'loss' | 'metrics'>,
  batch: Batch,
  result: BatchResult,
): void {
  const predicted = { rows: batch.rows, outputs: result.outputs, targets: batch.targets };
  const values = [result.loss, ...metrics.map((metric) => batchMetric(metric, loss, predicted))];
  means.rows += batch.rows;
  means.sums = values.map((value, i) => (means.sums[i] ?? 0) + value * batch.rows);
}

export const meanLoss = ({ rows, sums }: RunningMeans): number => (sums[0] ?? 0) / rows;

/** Under Keras' names, each behind `prefix`. */
export const toLogs = ({ rows, sums }: RunningMeans, metrics: readonly string[], prefix: '' | 'val_'): Logs =>
  Object.fromEntries(['loss', ...metrics].map((name, i) => [`${prefix}${name}`, finite((sums[i] ?? 0) / rows)]));
