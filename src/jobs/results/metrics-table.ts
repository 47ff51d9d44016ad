import type { EpochRecord, MetricPoint } from '../../contract/history.ts';
import type { Run } from '../../runs/run.ts';
import type { Runs } from '../../runs/store.ts';
import { csvText, jsonText, type Row } from './table-text.ts';

export interface MetricsQuery {
  /** All that was logged at the end of each epoch, or the loss of each batch. */
  readonly by: 'epoch' | 'step';
  /** Only what came after this optimizer step. */
  readonly after_step: number;
}

export interface MetricsTable {
  /** The same bytes follow from the same values. */
  readonly decidedBy: readonly (string | number)[];
  /** Piece by piece. Throws JobNotFound, RunDamaged, StorageUnavailable. */
  text(): AsyncGenerator<string, void>;
}

/** How many rows become text at once. */
const BATCH = 1_000;

const STEP_COLUMNS = ['epoch', 'step', 'loss'];

/** What a run has logged up to the epoch that had ended when it was read, whatever has been written since. */
export function tableOf(runs: Runs, run: Run, { by, after_step }: MetricsQuery, format: 'json' | 'csv'): MetricsTable {
  const { id, revision, record, epochs } = run;
  return {
    decidedBy: [id, revision, record.claim, epochs, by, after_step, format],
    async *text() {
      const rows = by === 'epoch' ? epochRows(await runs.readHistory(id), run, after_step) : null;
      const batches = rows ? batchesOf(rows) : stepRows(runs, run, after_step);
      yield* format === 'json' ? jsonText(by, batches) : csvText(rows ? columnsOf(rows) : STEP_COLUMNS, batches);
    },
  };
}

const epochRows = (history: readonly EpochRecord[], { epochs }: Run, afterStep: number): Row[] =>
  history.filter(({ epoch, step }) => epoch <= epochs && step > afterStep).map(({ epoch, step, logs }) => ({ epoch, step, ...logs }));

async function* stepRows(runs: Runs, { id, epochs }: Run, afterStep: number): AsyncGenerator<readonly Row[]> {
  /** Of epochs that have fewer than a batch. */
  let rows: Row[] = [];
  for await (const points of runs.readPoints(id, afterStep)) {
    if ((points[0]?.epoch ?? 0) > epochs) break;
    if (rows.length + points.length > BATCH) {
      yield* batchesOf(rows);
      rows = [];
    }
    if (points.length > BATCH) for (const batch of batchesOf(points)) yield batch.map(rowOf);
    else rows.push(...points.map(rowOf));
  }
  yield* batchesOf(rows);
}

const rowOf = ({ epoch, step, loss }: MetricPoint): Row => ({ epoch, step, loss });

function* batchesOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

const columnsOf = (rows: readonly Row[]): string[] => [...new Set(['epoch', 'step', ...rows.flatMap((row) => Object.keys(row))])];
