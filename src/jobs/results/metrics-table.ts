import type { Runs } from '../../runs/store.ts';

export type Point = { readonly epoch: number; readonly step: number } & Readonly<Record<string, number | null>>;

/** The loss of each batch, or all that is logged at the end of each epoch; those after optimizer step `afterStep`. */
export async function readPoints(runs: Runs, id: string, by: 'step' | 'epoch', afterStep: number): Promise<Point[]> {
  if (by === 'epoch') {
    const history = await runs.readHistory(id);
    return history.map(({ epoch, step, logs }) => ({ epoch, step, ...logs })).filter(({ step }) => step > afterStep);
  }
  const points: Point[] = [];
  for await (const some of runs.readPoints(id, afterStep)) points.push(...some.map((point) => ({ ...point })));
  return points;
}

/** RFC 4180, with a header line; what is not a finite number is empty. */
export function csvOf(points: readonly Point[]): string {
  const columns = [...new Set(['epoch', 'step', ...points.flatMap((point) => Object.keys(point))])];
  const lines = [columns, ...points.map((point) => columns.map((column) => point[column] ?? ''))];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}
