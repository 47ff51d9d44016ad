import type { Which } from '../contract/checkpoint.ts';
import { CheckpointDamaged } from '../contract/errors.ts';
import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Blobs } from '../storage/storage.ts';
import type { CheckpointEntry } from './checkpoints/entry.ts';
import type { StoredWeights } from './checkpoints/files.ts';
import { claimOf, readRun } from './read-run.ts';
import { readPresent } from './record.ts';

/** A checkpoint of a run, whose weights can be streamed. */
export interface OpenCheckpoint {
  /** The claim that it is in. */
  readonly claim: number;
  readonly entry: CheckpointEntry;
  readonly weights: StoredWeights;
}

/** Of results, however many there are. All throw JobNotFound, RunDamaged, StorageUnavailable. */
export interface ResultReader {
  readHistory(id: string): Promise<EpochRecord[]>;
  /** The points after optimizer step `after`, an epoch's at a time. */
  readPoints(id: string, after: number): AsyncIterable<readonly MetricPoint[]>;
  /** null before the first training began. */
  readProvenance(id: string): Promise<object | null>;
  /** null when there is none yet. Throws also CheckpointDamaged. */
  openCheckpoint(id: string, which: Which): Promise<OpenCheckpoint | null>;
}

export function resultReader(blobs: Blobs): ResultReader {
  const claim = async (id: string) => claimOf(blobs, id, (await readPresent(blobs, id)).record);
  return {
    readHistory: async (id) => (await (await claim(id))?.history.records()) ?? [],
    async *readPoints(id, after) {
      const history = (await claim(id))?.history;
      if (!history) return;
      for await (const epoch of history.epochs(after)) {
        const points = epoch.points.filter(({ step }) => step > after);
        if (points.length > 0) yield points;
      }
    },
    readProvenance: async (id) => (await (await claim(id))?.provenance()) ?? null,
    async openCheckpoint(id, which) {
      for (;;) {
        const run = await readRun(blobs, id);
        const entry = run.checkpoints[which];
        const view = await claimOf(blobs, id, run.record);
        if (entry === null || view === null) return null;
        try {
          return { claim: view.claim, entry, weights: await view.checkpoints.weights(entry.step) };
        } catch (error) {
          // Training drops checkpoints that are not needed any more, and claims that are over: then there is another one.
          const now = await readRun(blobs, id);
          const isSame = now.checkpoints[which]?.step === entry.step && now.record.claim === run.record.claim && now.epochs === run.epochs;
          if (!(error instanceof CheckpointDamaged) || isSame) throw error;
        }
      }
    },
  };
}
