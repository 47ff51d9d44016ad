import type { Readable } from 'node:stream';
import { CheckpointDamaged } from '../../contract/errors.ts';
import type { EpochRecord } from '../../contract/history.ts';
import { decodeSafetensorsHeader } from '../../formats/safetensors.ts';
import type { Blobs, ByteRange } from '../../storage/storage.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { checkpointName } from '../keys.ts';
import type { CheckpointEntry } from './entry.ts';
import { type CheckpointHeader, decodeCheckpoint, decodeHeader, decodeState, HEADER_BYTES, type SavedState } from './file.ts';

/** The checkpoints of a claim. Methods throw CheckpointDamaged and StorageUnavailable. */
export interface CheckpointFiles {
  /** Names, newest first. */
  names(): Promise<string[]>;
  entry(name: string): Promise<CheckpointEntry>;
  /** The newest one whose state is whole, of which nothing else is looked at; null when there is none. */
  newestState(): Promise<{ readonly name: string; readonly state: SavedState } | null>;
  /** `history`: gives the epochs that lie in frozen segments, if they are needed. */
  read(name: string, history: () => Promise<readonly EpochRecord[]>): Promise<Checkpoint>;
  weights(step: number): Promise<StoredWeights>;
}

/** Weights as they lie in the storage: a safetensors file, or a part of a file that is one. */
export interface StoredWeights {
  readonly step: number;
  /** In the order of the plan; their data follow each other without a gap. */
  readonly arrays: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** What lies before the data. */
  readonly header: Buffer;
  /** Of header and data. */
  readonly sha256: string;
  /** Bytes of the data. */
  readonly size: number;
  /** The data, or a range of them. */
  stream(range?: ByteRange): Promise<Readable>;
}

/** Those below `prefix`, each one file. */
export function checkpointFiles(blobs: Blobs, prefix: string): CheckpointFiles {
  const placeOf = (name: string): string => `${prefix}/${name}`;
  const header = async (name: string): Promise<CheckpointHeader> =>
    decodeHeader(await rangeOf(blobs, placeOf(name), 0, HEADER_BYTES), placeOf(name));
  const state = async (name: string): Promise<SavedState> => {
    const part = (await header(name)).parts.state;
    return decodeState(await rangeOf(blobs, placeOf(name), part.start, part.size), part, placeOf(name));
  };
  const names = async (): Promise<string[]> => (await blobs.children(prefix)).filter((name) => name.endsWith('.ckpt')).reverse();
  return {
    names,
    entry: async (name) => entryOf(await header(name)),
    async newestState() {
      for (const name of await names()) {
        const found = await unlessDamaged(() => state(name));
        if (found) return { name, state: found };
      }
      return null;
    },
    async read(name, history) {
      const { epochs, tail } = await state(name);
      const file = await blobs.get(placeOf(name));
      if (file === null) throw new CheckpointDamaged(`${placeOf(name)}: it is not there`);
      return decodeCheckpoint(file, epochs > tail.length ? await history() : [], placeOf(name));
    },
    async weights(step) {
      const ofEpoch = checkpointName(step, false);
      const name = (await blobs.size(placeOf(ofEpoch))) === null ? checkpointName(step, true) : ofEpoch;
      const { start, size, sha256 } = (await header(name)).parts.weights;
      return storedWeights(blobs, placeOf(name), { step, sha256, start, size });
    },
  };
}

/** Throws CheckpointDamaged when the blob is not there. */
export async function rangeOf(blobs: Blobs, key: string, start: number, size: number): Promise<Buffer> {
  const bytes = await blobs.get(key, { start, end: start + size });
  if (bytes === null) throw new CheckpointDamaged(`${key}: it is not there`);
  return bytes;
}

/** A safetensors file within a blob: where it starts, its size in bytes and its sum. Throws CheckpointDamaged. */
export async function storedWeights(
  blobs: Blobs,
  key: string,
  { step, sha256, start, size }: Pick<StoredWeights, 'step' | 'sha256' | 'size'> & { readonly start: number },
): Promise<StoredWeights> {
  const length = await rangeOf(blobs, key, start, 8);
  const header = length.length < 8 ? length : await rangeOf(blobs, key, start, Math.min(size, 8 + Number(length.readBigUInt64LE())));
  const arrays = decodeSafetensorsHeader(header);
  if (arrays === null) throw new CheckpointDamaged(`${key}: expected the header of a safetensors file at byte ${start}`);
  const first = start + header.length;
  const bytes = size - header.length;
  return {
    step,
    header,
    sha256,
    arrays: arrays.map(({ name, shape }) => ({ name, shape })),
    size: bytes,
    stream: (range = { start: 0, end: bytes }) => blobs.stream(key, { start: first + range.start, end: first + range.end }),
  };
}

export const entryOf = ({ step, epochs, logs, saved_at, parts: { weights } }: CheckpointHeader): CheckpointEntry => ({
  step,
  epoch: epochs,
  metrics: logs,
  sha256: weights.sha256,
  size: weights.size,
  savedAt: saved_at,
});

/** What `read` gives, or null where it meets damage. */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CheckpointDamaged) return null;
    throw error;
  }
}
