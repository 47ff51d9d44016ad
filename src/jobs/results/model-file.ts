import type { Which } from '../../contract/checkpoint.ts';
import { CheckpointDamaged, NoCheckpointYet } from '../../contract/errors.ts';
import { isTerminal } from '../../contract/job.ts';
import { FORMATS, type FormatName } from '../../exports/format.ts';
import type { WeightRange } from '../../exports/model-format.ts';
import { exportKey } from '../../runs/keys.ts';
import type { OpenCheckpoint } from '../../runs/reading.ts';
import type { Run } from '../../runs/run.ts';
import type { Jobs } from '../context.ts';
import { whyNoCheckpoint } from './absence.ts';
import { begun } from './begun.ts';
import { readParts } from './model-parts.ts';
import { computeSums, partsOf, sumAround } from './model-sums.ts';
import { verified } from './verified.ts';

/** A model as a file that a client takes away. The same checkpoint always gives the same bytes. */
export interface ModelFile {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: string;
}

export interface ModelContent {
  readonly file: ModelFile;
  /** What `pick` asked for, of which the first bytes have been read; null for nothing. */
  readonly bytes: AsyncIterableIterator<Uint8Array> | null;
}

/** Which model, in which form, and which of its bytes once the file is known: null for none. */
export interface ModelQuery {
  readonly id: string;
  readonly which: Which;
  readonly format: FormatName;
  readonly pick: (file: ModelFile) => WeightRange | null;
}

/**
 * The model of a checkpoint. Nothing near its size is held in memory. Throws JobNotFound, RunDamaged, NoCheckpointYet,
 * CheckpointDamaged, StorageUnavailable and what `pick` throws.
 */
export async function openModel(jobs: Pick<Jobs, 'runs' | 'sums'>, query: ModelQuery): Promise<ModelContent> {
  const { id, which } = query;
  const run = await jobs.runs.read(id);
  const opened = await jobs.runs.openCheckpoint(id, which);
  if (opened === null) throw new NoCheckpointYet(whyNoCheckpoint(run));
  try {
    return await read(jobs, run, opened, query);
  } catch (error) {
    if (!(error instanceof CheckpointDamaged)) throw error;
    // Training drops checkpoints that are not needed any more, and claims that are over: then there is another one.
    const now = await jobs.runs.openCheckpoint(id, which);
    if (now?.claim !== opened.claim || now.entry.step !== opened.entry.step) return openModel(jobs, query);
    throw new CheckpointDamaged(`the ${which} checkpoint of ${id}, step ${opened.entry.step}: ${error.message}`, { cause: error });
  }
}

async function read(
  { sums }: Pick<Jobs, 'sums'>,
  { id, record, birth: { plan } }: Run,
  { claim, entry: { step }, weights }: OpenCheckpoint,
  { which, format: name, pick }: ModelQuery,
): Promise<ModelContent> {
  const format = FORMATS[name];
  const { size, sha256, crc32, weightsCrc32 } = await sums.of({
    id,
    key: exportKey(id, claim, step, name),
    isFinal: isTerminal(record.state),
    isRight: (stored) => sumAround(partsOf(format, plan, weights, stored.weightsCrc32)) === stored.around,
    compute: () => computeSums(format, plan, weights),
  });
  const file = { name: `${id}-${which}${format.ending}`, mediaType: format.mediaType, size, sha256 };
  const range = pick(file);
  if (range === null) return { file, bytes: null };
  const bytes = readParts(partsOf(format, plan, weights, weightsCrc32), range, weights);
  // What was whole when the sums were found may have been damaged since.
  return { file, bytes: await begun(range.end - range.start < size ? bytes : verified(bytes, crc32)) };
}
