import { join } from 'node:path';
import type { MetricPoint } from '../../contract/history.ts';
import type { Run } from '../../runs/run.ts';
import { readLines } from '../../storage/files.ts';

export type Point = { readonly epoch: number; readonly step: number } & Readonly<Record<string, number | null>>;

/** The loss of each batch, or all that is logged at the end of each epoch; those after optimizer step `afterStep`. */
export async function readPoints({ claimPath, history }: Run, by: 'step' | 'epoch', afterStep: number): Promise<Point[]> {
  const points = by === 'epoch' ? history.map(({ epoch, step, logs }) => ({ epoch, step, ...logs })) : await readSteps(claimPath);
  return points.filter(({ step }) => step > afterStep);
}

const readSteps = async (claimPath: string | null): Promise<Point[]> =>
  claimPath === null ? [] : (await readLines<MetricPoint>(join(claimPath, 'metrics.jsonl'))).map((point) => ({ ...point }));

/** RFC 4180, with a header line; what is not a finite number is empty. */
export function csvOf(points: readonly Point[]): string {
  const columns = [...new Set(['epoch', 'step', ...points.flatMap((point) => Object.keys(point))])];
  const lines = [columns, ...points.map((point) => columns.map((column) => point[column] ?? ''))];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}
