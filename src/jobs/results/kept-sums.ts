import { JobNotFound, StorageFull, StorageUnavailable } from '../../contract/errors.ts';
import { parseSealed, sealed } from '../../runs/json.ts';
import type { Runs } from '../../runs/store.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { ModelSums } from './model-sums.ts';

/** Which sums are asked for, and how to find them. */
export interface SumsQuery {
  readonly id: string;
  readonly key: string;
  /** Whether they will be asked for again: of a run that is still training there will soon be others. */
  readonly isFinal: boolean;
  /** Whether what was written down is what this program would find. */
  isRight(sums: ModelSums): boolean;
  compute(): Promise<ModelSums>;
}

/** The sums of models: those that were asked for last in memory, those of runs that have ended beside the run. */
export interface KeptSums {
  /** They are found once for all who ask this process meanwhile. Throws StorageUnavailable and what `compute` throws. */
  of(query: SumsQuery): Promise<ModelSums>;
}

/** `most`: how many stay in memory. */
export function keepSums(blobs: Blobs, runs: Runs, most: number): KeptSums {
  const known = new Map<string, Promise<ModelSums>>();
  return {
    of(query) {
      const { key } = query;
      const sums = known.get(key) ?? find(blobs, runs, query);
      known.delete(key);
      known.set(key, sums);
      sums.catch(() => known.delete(key));
      for (const [oldest] of known) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
      return sums;
    },
  };
}

async function find(blobs: Blobs, runs: Runs, query: SumsQuery): Promise<ModelSums> {
  const stored = query.isFinal ? await readSums(blobs, query.key) : null;
  if (stored && query.isRight(stored)) return stored;
  const sums = await query.compute();
  if (query.isFinal && stored === null) await writeSums(blobs, runs, query, sums);
  return sums;
}

/** null for none, and for those that are damaged: they can be found again. */
async function readSums(blobs: Blobs, key: string): Promise<ModelSums | null> {
  const text = await blobs.get(key);
  return text && (parseSealed(text) as ModelSums | null);
}

async function writeSums(blobs: Blobs, runs: Runs, { id, key }: SumsQuery, sums: ModelSums): Promise<void> {
  try {
    await blobs.putIfAbsent(key, sealed(sums));
    await runs.readRecord(id);
  } catch (error) {
    // It was deleted meanwhile: nothing of it may come back.
    if (error instanceof JobNotFound) return blobs.remove([key]);
    // They can be found again: a disk that is full keeps nobody from taking a model away.
    if (!(error instanceof StorageFull || error instanceof StorageUnavailable)) throw error;
  }
}
