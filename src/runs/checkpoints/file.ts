import { createHash } from 'node:crypto';
import { CheckpointDamaged } from '../../contract/errors.ts';
import type { EpochRecord, Logs } from '../../contract/history.ts';
import { decodeSafetensors, encodeSafetensors } from '../../formats/safetensors.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { RunState } from '../../training/state.ts';
import { firstOfLastSegment } from '../history/segments.ts';
import { parseObject, parseSealed, sealed } from '../json.ts';

/*
 *   | header: one line of JSON, padded | state: JSON, padded | weights: safetensors | optimizer: safetensors |
 *
 * One file, written once. The header says how long the parts are, and the sha256 of each. The state holds no more of the history
 * than its last segment does: with all of it, a run that keeps every checkpoint would grow with the square of its epochs.
 */

/** Of the layout of this file, the state in it included. Another one is not guessed at. */
const VERSION = 2;

/** Of the parts: arrays can be looked at where they lie. */
const ALIGNMENT = 64;

const PARTS = ['state', 'weights', 'optimizer'] as const;

export interface Part {
  /** In bytes, from the start of the file. */
  readonly start: number;
  readonly size: number;
  readonly sha256: string;
}

export interface CheckpointHeader {
  readonly format: 'epochd-checkpoint';
  readonly version: number;
  /** Optimizer steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epochs: number;
  /** What was logged at the end of the last of them. */
  readonly logs: Logs;
  readonly saved_at: string;
  readonly parts: Readonly<Record<(typeof PARTS)[number], Part>>;
}

/** The state as it lies in the file: of the history only the last segment, and how many epochs there are. */
export type SavedState = Omit<RunState, 'history'> & { readonly epochs: number; readonly tail: readonly EpochRecord[] };

/** Room for the longest header that `encodeCheckpoint` writes: the sizes are known before their place is. */
export const HEADER_BYTES = 4096;

/** A checkpoint as its header and the parts of its file. */
export function encodeCheckpoint(
  { state, weights, optimizer }: Checkpoint,
  now: Date,
): { readonly header: CheckpointHeader; readonly bytes: Uint8Array[] } {
  const { history, ...rest } = state;
  const saved: SavedState = { ...rest, epochs: history.length, tail: history.slice(firstOfLastSegment(history.length)) };
  const contents = [[padded(JSON.stringify(saved))], encodeSafetensors(weights), encodeSafetensors(optimizer)];
  let start = HEADER_BYTES;
  const parts = Object.fromEntries(
    PARTS.map((name, index) => {
      const content = contents[index] ?? [];
      const size = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const part: Part = { start, size, sha256: sha256(content) };
      start += size;
      return [name, part];
    }),
  ) as CheckpointHeader['parts'];
  const header: CheckpointHeader = {
    format: 'epochd-checkpoint',
    version: VERSION,
    step: state.step,
    epochs: history.length,
    logs: history.at(-1)?.logs ?? {},
    saved_at: now.toISOString(),
    parts,
  };
  const text = Buffer.alloc(HEADER_BYTES, ' ');
  if (text.write(sealed(header)) >= HEADER_BYTES) throw new RangeError(`expected a header of less than ${HEADER_BYTES} bytes`);
  text.write('\n', HEADER_BYTES - 1);
  return { header, bytes: [text, ...contents.flat()] };
}

/** The first HEADER_BYTES of a file. Throws CheckpointDamaged, naming `place`. */
export function decodeHeader(file: Buffer, place: string): CheckpointHeader {
  const text = file.subarray(0, HEADER_BYTES).toString();
  const header = parseObject(text) as CheckpointHeader | null;
  if (header === null)
    throw new CheckpointDamaged(`${place}: expected a header of ${HEADER_BYTES} bytes of JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  if (header.format !== 'epochd-checkpoint') throw new CheckpointDamaged(`${place}: expected a checkpoint, got another file`);
  if (header.version !== VERSION) throw new CheckpointDamaged(`${place}: expected version ${VERSION}, got ${header.version}`);
  const whole = parseSealed(text) as CheckpointHeader | null;
  if (whole === null) throw new CheckpointDamaged(`${place}: expected the header as it was sealed, got another`);
  return whole;
}

/** The whole file, `before`: the epochs in frozen segments. Throws CheckpointDamaged, naming `place`. */
export function decodeCheckpoint(file: Buffer, before: readonly EpochRecord[], place: string): Checkpoint {
  const header = decodeHeader(file, place);
  const [state, weights, optimizer] = PARTS.map((name) => partOf(file, header, name, place));
  if (!state || !weights || !optimizer) throw new Error('unreachable: PARTS has three names');
  const { epochs, tail, ...rest } = JSON.parse(state.toString()) as SavedState;
  const frozen = before.slice(0, epochs - tail.length);
  if (frozen.length + tail.length !== epochs)
    throw new CheckpointDamaged(`${place}: expected ${epochs - tail.length} earlier epochs in the history, got ${frozen.length}`);
  return {
    state: { ...rest, history: [...frozen, ...tail] },
    weights: decodeSafetensors(weights),
    optimizer: decodeSafetensors(optimizer),
  };
}

/** The bytes of a state. Throws CheckpointDamaged, naming `place`. */
export function decodeState(bytes: Buffer, part: Part, place: string): SavedState {
  return JSON.parse(checked(bytes, part, `${place}: state`).toString()) as SavedState;
}

const partOf = (file: Buffer, { parts }: CheckpointHeader, name: (typeof PARTS)[number], place: string): Buffer =>
  checked(file.subarray(parts[name].start, parts[name].start + parts[name].size), parts[name], `${place}: ${name}`);

function checked(bytes: Buffer, { size, sha256: expected }: Part, place: string): Buffer {
  const actual = sha256([bytes]);
  if (actual === expected) return bytes;
  throw new CheckpointDamaged(`${place}: expected ${size} bytes with sha256 ${expected}, got ${bytes.length} with ${actual}`);
}

function padded(text: string): Buffer {
  const bytes = Buffer.from(text);
  const whole = Buffer.alloc(Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT, ' ');
  bytes.copy(whole);
  return whole;
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
