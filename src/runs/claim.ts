import { JobNotFound } from '../contract/errors.ts';
import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Checkpoint, CheckpointStore } from '../training/checkpoint.ts';
import type { RunState } from '../training/state.ts';
import { encodeCheckpoint } from './checkpoint-file.ts';
import { entryOf } from './checkpoint-files.ts';
import type { CheckpointEntry } from './checkpoint-index.ts';
import { viewClaim } from './claim-view.ts';
import { currentClaim } from './current-claim.ts';
import { checkpointName, claimKey, recordKey, segmentName } from './keys.ts';
import { assertHolds } from './lifecycle.ts';
import { readPresent } from './record.ts';
import { encodeEpoch, encodeSegment, firstOfLastSegment, SEGMENT } from './segments.ts';
import { type Damage, takeOver } from './take-over.ts';

/**
 * The one writer of a run's results: what a trainer holds while its worker holds the claim. Every write first asks whether the
 * claim still stands, and goes below the claim's own prefix. Methods throw FenceLost, StorageFull and StorageUnavailable.
 */
export interface Claim extends CheckpointStore {
  /** The state that this claim goes on from; null at the start of a run. */
  readonly resumed: RunState | null;
  /** Checkpoints that could not be used when this claim began. */
  readonly damaged: readonly Damage[];
  /** What was written down of the claim whose checkpoints this one goes on from; null at the start of a run. */
  readonly provenanceBefore: object | null;
  writeProvenance(provenance: object): Promise<void>;
  /** Says which checkpoint the finished model is. Afterwards everything that was written survives a power cut. */
  finish(state: RunState): Promise<void>;
}

export interface ClaimOptions {
  /** How long the run has trained by now, over all claims, in milliseconds. */
  readonly trainedMs: () => number;
  readonly now: () => Date;
}

/** Lays the claim out and opens it for writing. Throws FenceLost, JobNotFound, RunDamaged, StorageFull, StorageUnavailable. */
export async function openClaim(blobs: Blobs, id: string, claim: number, { trainedMs, now }: ClaimOptions): Promise<Claim> {
  const fence = await openFence(blobs, id, claim);
  const before = await currentClaim(blobs, id, claim - 1, fence.epochs);
  const taken = await takeOver(blobs, id, claim, fence.epochs, trainedMs());
  const key = (...below: string[]): string => claimKey(id, claim, ...below);
  const { checkpoints, history } = viewClaim(blobs, id, claim, 0);
  const held = new Set(taken.held);
  const entries = new Map<number, CheckpointEntry>();
  let index = taken.index;
  let lines = [...taken.lines];
  let newest = taken.newest;
  const resumed = newest?.state ?? null;
  let epochs = resumed?.history.length ?? 0;
  let last = resumed?.history.at(-1) ?? null;

  const putSegment = async (durable: boolean): Promise<void> => {
    const first = firstOfLastSegment(epochs);
    const segment = encodeSegment(lines, { first, epochs, last, index, trained_ms: Math.round(trainedMs()) });
    await blobs.put(key('history', segmentName(first / SEGMENT)), segment, { durable });
  };
  const entry = async (step: number): Promise<CheckpointEntry> => entries.get(step) ?? checkpoints.entry(checkpointName(step, false));

  return {
    resumed,
    damaged: taken.damaged,
    provenanceBefore: (resumed && (await before?.provenance())) ?? null,
    async loadNewest() {
      const loaded = newest;
      newest = null;
      return loaded ?? (resumed && checkpoints.read(nameOf(resumed), () => history.records()));
    },
    loadStep: (step) => checkpoints.read(checkpointName(step, false), () => history.records()),
    async save(saved: Checkpoint, keepSteps: readonly number[]) {
      await fence.check();
      const { state } = saved;
      const name = nameOf(state);
      const { header, bytes } = encodeCheckpoint(saved, now());
      // There already: same step, same bits.
      if (!held.has(name)) await blobs.put(key('checkpoints', name), bytes);
      held.add(name);
      entries.set(state.step, entryOf(header));
      index = { best: state.best && (await entry(state.best.step)), latest: entryOf(header) };
      const kept = new Set([name, ...keepSteps.map((step) => checkpointName(step, false))]);
      const dropped = [...held].filter((other) => !kept.has(other));
      for (const other of dropped) held.delete(other);
      await blobs.remove(dropped.map((other) => key('checkpoints', other)));
    },
    async appendHistory(record: EpochRecord, points: readonly MetricPoint[]) {
      await fence.check();
      if (lines.length === SEGMENT) lines = [];
      lines.push(encodeEpoch({ record, points }));
      epochs = record.epoch;
      last = record;
      await putSegment(lines.length === 1);
    },
    async writeProvenance(provenance) {
      await fence.check();
      await blobs.put(key('provenance.json'), JSON.stringify(provenance, null, 2));
    },
    async finish({ modelStep }) {
      await fence.check();
      index = { ...index, latest: await entry(modelStep) };
      await putSegment(true);
    },
  };
}

const nameOf = ({ step, cursor }: RunState): string => checkpointName(step, cursor !== null);

interface Fence {
  /** Epochs that the record knows of. */
  readonly epochs: number;
  /** Throws FenceLost, JobNotFound. */
  check(): Promise<void>;
}

/** Knows the record's number: while it is the newest one, nothing has changed, and nothing has to be listed. */
async function openFence(blobs: Blobs, id: string, claim: number): Promise<Fence> {
  const { sequence: first, record } = await readPresent(blobs, id);
  let sequence = first;
  assertHolds(record, id, claim);
  const { epochs } = record;
  return {
    epochs,
    async check() {
      const [own, next] = await Promise.all([blobs.size(recordKey(id, sequence)), blobs.size(recordKey(id, sequence + 1))]);
      if (own === null) throw new JobNotFound(id);
      if (next === null) return;
      const present = await readPresent(blobs, id);
      assertHolds(present.record, id, claim);
      sequence = present.sequence;
    },
  };
}
