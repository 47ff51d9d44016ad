import type { EpochRecord } from '../../contract/history.ts';
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
  for await (const points of runs.readPoints(id, afterStep)) {
    const known = points.filter(({ epoch }) => epoch <= epochs).map(({ epoch, step, loss }) => ({ epoch, step, loss }));
    yield* batchesOf(known);
    if (known.length < points.length) return;
  }
}

function* batchesOf(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

const columnsOf = (rows: readonly Row[]): string[] => [...new Set(['epoch', 'step', ...rows.flatMap((row) => Object.keys(row))])];
