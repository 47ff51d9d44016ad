import { JobNotFound } from '../../contract/errors.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { Known } from '../history/files.ts';
import { recordKey } from '../keys.ts';
import { assertHolds } from '../lifecycle.ts';
import { readPresent } from '../record.ts';

/** Says whether a claim still stands. */
export interface Fence {
  /** What the record said when the claim began. */
  readonly known: Known;
  /** Throws FenceLost, JobNotFound, RunDamaged. */
  check(): Promise<void>;
}

/** Knows the record's number: while it is the newest one nothing has changed, and nothing has to be listed or read. Throws as `check`. */
export async function openFence(blobs: Blobs, id: string, claim: number): Promise<Fence> {
  const first = await readPresent(blobs, id);
  assertHolds(first.record, id, claim);
  let { sequence } = first;
  return {
    known: first.record,
    async check() {
      const [own, next] = await Promise.all([blobs.size(recordKey(id, sequence)), blobs.size(recordKey(id, sequence + 1))]);
      if (own === null) throw new JobNotFound(id);
      if (next === null) return;
      const present = await readPresent(blobs, id);
      assertHolds(present.record, id, claim);
      // Only now: who was told once that the claim is over is told so again.
      sequence = present.sequence;
    },
  };
}
