import type { Blobs } from '../../storage/storage.ts';
import type { RunState } from '../../training/state.ts';
import type { CheckpointIndex } from '../checkpoints/entry.ts';
import { segmentName } from '../keys.ts';
import { type Epoch, encodeEpoch, encodeSegment, firstOfLastSegment, SEGMENT } from './segments.ts';

/** Publishes the epochs of the one claim that it is for. */
export interface HistoryWriter {
  /** Throws StorageFull, StorageUnavailable. */
  append(epoch: Epoch, index: CheckpointIndex): Promise<void>;
  /** Everything survives a power cut when it resolves. Throws StorageFull, StorageUnavailable. */
  close(index: CheckpointIndex): Promise<void>;
}

/** `lines`: the last segment that there is, of `resumed`'s history. */
export function historyWriter(
  blobs: Blobs,
  prefix: string,
  resumed: RunState | null,
  taken: readonly string[],
  trainedMs: () => number,
): HistoryWriter {
  let lines = [...taken];
  let epochs = resumed?.history.length ?? 0;
  let last = resumed?.history.at(-1) ?? null;

  const put = async (index: CheckpointIndex, durable: boolean): Promise<void> => {
    const first = firstOfLastSegment(epochs);
    const segment = encodeSegment(lines, { first, epochs, last, index, trained_ms: Math.round(trainedMs()) });
    await blobs.put(`${prefix}/${segmentName(first / SEGMENT)}`, segment, { durable });
  };

  return {
    async append(epoch, index) {
      if (lines.length === SEGMENT) lines = [];
      lines.push(encodeEpoch(epoch));
      epochs = epoch.record.epoch;
      last = epoch.record;
      // The epoch is in its checkpoint by now, so only the segment before, which is frozen with this, has to survive a power cut.
      await put(index, lines.length === 1);
    },
    close: (index) => put(index, true),
  };
}
