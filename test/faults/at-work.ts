import { JobNotFound } from '../../src/contract/errors.ts';
import { isTerminal } from '../../src/contract/job.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import type { Runs } from '../../src/runs/store.ts';

/** A run that has not ended. */
export interface AtWork {
  readonly id: string;
  readonly record: RunRecord;
}

/** Those that the data folder shows at this moment. */
export async function runsAtWork(runs: Runs): Promise<AtWork[]> {
  const found: AtWork[] = [];
  for (const id of await runs.list()) {
    const record = await runs.readRecord(id).catch((error: unknown) => {
      // A client has deleted it meanwhile.
      if (error instanceof JobNotFound) return null;
      throw error;
    });
    if (record !== null && !isTerminal(record.state)) found.push({ id, record });
  }
  return found;
}
