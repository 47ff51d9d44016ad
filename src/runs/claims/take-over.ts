import { CheckpointDamaged, RunDamaged } from '../../contract/errors.ts';
import type { MetricPoint } from '../../contract/history.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { RunState } from '../../training/state.ts';
import { type CheckpointIndex, NO_CHECKPOINTS } from '../checkpoints/entry.ts';
import { encodeCheckpoint } from '../checkpoints/file.ts';
import { type CheckpointFiles, checkpointFiles, unlessDamaged } from '../checkpoints/files.ts';
import type { Known } from '../history/files.ts';
import { encodeEpoch, encodeSegment, SEGMENT } from '../history/segments.ts';
import { checkpointName, claimKey, segmentName } from '../keys.ts';
import { currentClaim } from './current.ts';
import type { ClaimView } from './view.ts';

/** Copies made at the same time: each waits for the disk. */
const AT_ONCE = 64;

/** Why a checkpoint could not be used. */
export interface Damage {
  readonly step: number;
  readonly detail: string;
}

export interface TakenOver {
  /** Where training goes on; null: at the start. */
  readonly newest: Checkpoint | null;
  /** The last segment, which this claim goes on to write: each epoch's lines. */
  readonly lines: readonly string[];
  readonly index: CheckpointIndex;
  /** Checkpoints that are this claim's now, by name. */
  readonly held: readonly string[];
  readonly damaged: readonly Damage[];
}

/**
 * Lays out a claim from the one before it: checkpoints are copied, history and points are cut back to what the checkpoint to go on
 * from knows, so that nothing appears twice. Only the newest checkpoint that is whole, and those that it depends on, are read. The
 * head is put last. `trainedMs`: of the claims before.
 */
export async function takeOver(blobs: Blobs, id: string, claim: number, known: Known, trainedMs: number): Promise<TakenOver> {
  const before = await currentClaim(blobs, id, claim - 1, known);
  const { newest, names, damaged } = before === null ? NOTHING : await findNewest(before);
  const held = before === null ? [] : await inheritCheckpoints(blobs, before, { id, claim, names });
  const index = await indexOf(checkpointFiles(blobs, claimKey(id, claim, 'checkpoints')), newest?.state ?? null, held);
  const lines =
    before === null || newest === null ? [] : await inheritHistory(blobs, before, { id, claim, state: newest.state, index, trainedMs });
  await putHead(blobs, id, claim, before?.claim ?? null, damaged);
  return { newest, lines, index, held, damaged };
}

/** Says that the claim is laid out, from the claim `from`. */
export const putHead = (blobs: Blobs, id: string, claim: number, from: number | null, damaged: readonly Damage[]): Promise<void> =>
  blobs.put(claimKey(id, claim, 'head.json'), JSON.stringify({ version: 2, from, damaged }));

interface Found {
  readonly newest: Checkpoint | null;
  /** It and those before it. */
  readonly names: readonly string[];
  readonly damaged: readonly Damage[];
}

const NOTHING: Found = { newest: null, names: [], damaged: [] };

/** The newest checkpoint that is whole and whose best ones are whole, too. */
async function findNewest({ checkpoints, history }: ClaimView): Promise<Found> {
  const damaged: Damage[] = [];
  const read = async (name: string): Promise<Checkpoint | null> => {
    try {
      return await checkpoints.read(name, () => history.records());
    } catch (error) {
      if (!(error instanceof CheckpointDamaged)) throw error;
      const step = stepOf(name);
      if (!damaged.some((known) => known.step === step)) damaged.push({ step, detail: error.message });
      return null;
    }
  };
  const names = await checkpoints.names();
  for (const [index, name] of names.entries()) {
    const newest = await read(name);
    if (newest === null) continue;
    const older = names.slice(index + 1).filter((other) => other === checkpointName(stepOf(other), false) || /^\d+$/.test(other));
    const best = bestSteps(newest.state).filter((step) => step !== newest.state.step);
    const isWhole = async (step: number): Promise<boolean> => {
      const found = older.find((other) => stepOf(other) === step);
      return found !== undefined && (await read(found)) !== null;
    };
    let isComplete = true;
    for (const step of best) isComplete = isComplete && (await isWhole(step));
    if (isComplete) return { newest, names: [name, ...older], damaged };
  }
  return { newest: null, names: [], damaged };
}

const stepOf = (name: string): number => Number.parseInt(name, 10);

const bestSteps = ({ best, earlyStopping }: RunState): number[] => [
  ...new Set([best, earlyStopping.best].flatMap((found) => found?.step ?? [])),
];

interface Heir {
  readonly id: string;
  readonly claim: number;
  readonly names: readonly string[];
}

/** Gives their names in this claim. */
async function inheritCheckpoints(blobs: Blobs, before: ClaimView, { id, claim, names }: Heir): Promise<string[]> {
  const inherit = async (name: string): Promise<string> => {
    if (name.endsWith('.ckpt')) {
      await blobs.copy(claimKey(id, before.claim, 'checkpoints', name), claimKey(id, claim, 'checkpoints', name));
      return name;
    }
    // Of version 0.1.0.
    const own = checkpointName(stepOf(name), false);
    const { bytes } = encodeCheckpoint(await before.checkpoints.read(name, () => before.history.records()), new Date());
    await blobs.put(claimKey(id, claim, 'checkpoints', own), bytes);
    return own;
  };
  const held: string[] = [];
  for (let next = 0; next < names.length; next += AT_ONCE) {
    const batch = names.slice(next, next + AT_ONCE).map((name) => unlessDamaged(() => inherit(name)));
    held.push(...(await Promise.all(batch)).filter((name) => name !== null));
  }
  return held;
}

async function indexOf(checkpoints: CheckpointFiles, state: RunState | null, held: readonly string[]): Promise<CheckpointIndex> {
  if (state === null || held[0] === undefined) return NO_CHECKPOINTS;
  const { best } = state;
  return {
    best: best && (await unlessDamaged(() => checkpoints.entry(checkpointName(best.step, false)))),
    latest: await checkpoints.entry(held[0]),
  };
}

interface Cut extends Pick<Heir, 'id' | 'claim'> {
  readonly state: RunState;
  readonly index: CheckpointIndex;
  readonly trainedMs: number;
}

/** Writes the segments of the epochs that `state` knows; gives the last one's lines. */
async function inheritHistory(blobs: Blobs, before: ClaimView, { id, claim, state, index, trainedMs }: Cut): Promise<string[]> {
  const { history } = state;
  const points = await pointsOf(before, state);
  let lines: string[] = [];
  for (let first = 0; first < history.length; first += SEGMENT) {
    const records = history.slice(first, first + SEGMENT);
    lines = records.map((record) => encodeEpoch({ record, points: points.get(record.epoch) ?? [] }));
    const head = { first, epochs: first + records.length, last: records.at(-1) ?? null, index, trained_ms: trainedMs };
    await blobs.put(claimKey(id, claim, 'history', segmentName(first / SEGMENT)), encodeSegment(lines, head));
  }
  return lines;
}

/** Of finished epochs. Those of the last one are in the checkpoint, whether or not they were published before the end. */
async function pointsOf(
  { history }: ClaimView,
  { history: records, points, cursor }: RunState,
): Promise<Map<number, readonly MetricPoint[]>> {
  const found = new Map<number, readonly MetricPoint[]>();
  try {
    for await (const { record, points: read } of history.epochs(0)) found.set(record.epoch, read);
  } catch (error) {
    // Points are only looked at: what is lost of them does not keep a run from going on.
    if (!(error instanceof RunDamaged)) throw error;
  }
  if (cursor === null) found.set(records.length, points);
  return found;
}
