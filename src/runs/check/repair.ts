import { isTerminal } from '../../contract/job.ts';
import type { Spec } from '../../contract/spec.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { Birth } from '../birth.ts';
import { markUnfinished, newNonce } from '../changes.ts';
import type { SavedState } from '../checkpoints/file.ts';
import type { HistoryHead } from '../history/files.ts';
import { encodeEpoch, encodeSegment } from '../history/segments.ts';
import { sealed } from '../json.ts';
import { recordKey, runKey } from '../keys.ts';
import { type RunRecord } from '../record.ts';
import type { Derive } from './finding.ts';

/** Puts after number `sequence` a record that says what `record`, the newest whole one, says: unless another process was first. */
export async function succeedRecord(blobs: Blobs, id: string, sequence: number, record: RunRecord): Promise<void> {
  if (!isTerminal(record.state)) await markUnfinished(blobs, { id, retries: record.retries });
  const next = { ...record, reason: 'repaired', revision: record.revision + sequence + 1, nonce: newNonce() };
  await blobs.putIfAbsent(recordKey(id, sequence + 1), sealed(next));
}

/** Writes the birth certificate anew, by what was written down of a training. */
export async function rewriteBirth(blobs: Blobs, id: string, record: RunRecord, provenance: object, derive: Derive): Promise<void> {
  const { spec, epochd } = provenance as { spec: Spec; epochd: string };
  const submitted_at = record.transitions[0]?.at ?? '';
  const birth: Birth = {
    version: 2,
    ...(await derive(spec)),
    owner: record.listed?.owner ?? null,
    parent: null,
    from: null,
    submitted_at,
    epochd,
  };
  await blobs.put(runKey(id, 'run.json'), sealed(birth));
}

interface Left {
  readonly first: number;
  readonly head: HistoryHead;
  readonly record: RunRecord;
  readonly state: SavedState;
}

/** Writes the last segment of a history anew, from the newest checkpoint. */
export async function rewriteSegment(blobs: Blobs, key: string, { first, head, record, state }: Left): Promise<void> {
  const lines = state.tail.map((epoch) =>
    encodeEpoch({ record: epoch, points: state.points.filter((point) => point.epoch === epoch.epoch) }),
  );
  const { epochs, last, index } = head;
  const trained_ms = Math.max(head.trainedMs, record.trained_ms ?? 0);
  await blobs.put(key, encodeSegment(lines, { first, epochs, last, index, trained_ms }));
}
