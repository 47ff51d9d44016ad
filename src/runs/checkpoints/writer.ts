import type { EpochRecord } from '../../contract/history.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { RunState } from '../../training/state.ts';
import type { TakenOver } from '../claims/take-over.ts';
import { checkpointName } from '../keys.ts';
import type { CheckpointEntry, CheckpointIndex } from './entry.ts';
import { encodeCheckpoint } from './file.ts';
import { checkpointFiles, entryOf } from './files.ts';

/** Writes and reads the checkpoints of the one claim that it is for. */
export interface CheckpointWriter {
  /** As `CheckpointStore`. Throws StorageFull, StorageUnavailable. */
  save(checkpoint: Checkpoint, keepSteps: readonly number[]): Promise<void>;
  /** The checkpoint of a state. Throws CheckpointDamaged. */
  read(at: Pick<RunState, 'step' | 'cursor'>): Promise<Checkpoint>;
  index(): CheckpointIndex;
  /** Says which step's checkpoint the model is. Throws CheckpointDamaged. */
  choose(step: number): Promise<void>;
}

/** `history`: gives the epochs of frozen segments. */
export function checkpointWriter(
  blobs: Blobs,
  prefix: string,
  taken: Pick<TakenOver, 'held' | 'index'>,
  history: () => Promise<readonly EpochRecord[]>,
  now: () => Date,
): CheckpointWriter {
  const files = checkpointFiles(blobs, prefix);
  const held = new Set(taken.held);
  const entries = new Map<number, CheckpointEntry>();
  let { index } = taken;
  const entry = async (step: number): Promise<CheckpointEntry> => entries.get(step) ?? files.entry(checkpointName(step, false));

  return {
    async save(saved, keepSteps) {
      const { state } = saved;
      const name = nameOf(state);
      const { header, bytes } = encodeCheckpoint(saved, now());
      // There already: same step, same bits; but the validation of an unfinished epoch may have gone on.
      if (state.cursor !== null || !held.has(name)) await blobs.put(`${prefix}/${name}`, bytes);
      held.add(name);
      entries.set(state.step, entryOf(header));
      index = { best: state.best && (await entry(state.best.step)), latest: entryOf(header) };
      const kept = new Set([name, ...keepSteps.map((step) => checkpointName(step, false))]);
      const dropped = [...held].filter((other) => !kept.has(other));
      for (const other of dropped) held.delete(other);
      await blobs.remove(dropped.map((other) => `${prefix}/${other}`));
    },
    read: (at) => files.read(nameOf(at), history),
    index: () => index,
    async choose(step) {
      index = { ...index, latest: await entry(step) };
    },
  };
}

const nameOf = ({ step, cursor }: Pick<RunState, 'step' | 'cursor'>): string => checkpointName(step, cursor !== null);
