import type { Which } from '../../contract/checkpoint.ts';
import { CheckpointDamaged } from '../../contract/errors.ts';
import { describeDataset } from '../../datasets/describe.ts';
import { FORMATS, type FormatName } from '../../exports/format.ts';
import type { WeightRange } from '../../exports/model-format.ts';
import { planSpec } from '../../plan/plan-spec.ts';
import type { Run } from '../../runs/run.ts';
import { openCheckpoint } from '../../runs/stored-checkpoint.ts';
import type { Jobs } from '../context.ts';
import { begun } from './begun.ts';
import { checkpointOf } from './checkpoints.ts';
import { readParts } from './model-parts.ts';
import { computeSums, partsOf } from './model-sums.ts';
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

/**
 * The model of a checkpoint, and those of its bytes that `pick` asks for once it sees the file. Nothing near the size of the model
 * is held in memory. Throws JobNotFound, NoCheckpointYet, CheckpointDamaged and what `pick` throws.
 */
export async function openModel(
  jobs: Pick<Jobs, 'runs' | 'sums'>,
  id: string,
  which: Which,
  format: FormatName,
  pick: (file: ModelFile) => WeightRange | null,
): Promise<ModelContent> {
  const run = await jobs.runs.read(id);
  try {
    return await openStored(jobs, run, which, format, pick);
  } catch (error) {
    if (!(error instanceof CheckpointDamaged)) throw error;
    // Training drops checkpoints that are not needed any more, and claims that are over: then look again.
    const { checkpoints, claimPath } = await jobs.runs.read(id);
    const { step } = checkpointOf(run, which);
    if (checkpoints[which]?.step !== step || claimPath !== run.claimPath) return openModel(jobs, id, which, format, pick);
    throw new CheckpointDamaged(`the ${which} checkpoint of ${id}, step ${step}: ${error.message}`);
  }
}

async function openStored(
  { sums }: Pick<Jobs, 'sums'>,
  run: Run,
  which: Which,
  format: FormatName,
  pick: (file: ModelFile) => WeightRange | null,
): Promise<ModelContent> {
  const { mediaType, ending } = FORMATS[format];
  const checkpoint = await openCheckpoint(run, checkpointOf(run, which));
  const plan = planSpec(run.spec, describeDataset(run.spec.dataset));
  const key = `${run.id}/${run.record.claim}/${checkpoint.step}/${format}`;
  const { size, sha256, crc32, weightsCrc32 } = await sums.of(key, () => computeSums(FORMATS[format], plan, checkpoint));
  const file = { name: `${run.id}-${which}${ending}`, mediaType, size, sha256 };
  const range = pick(file);
  if (range === null) return { file, bytes: null };
  const bytes = readParts(partsOf(FORMATS[format], plan, checkpoint, weightsCrc32), range, checkpoint);
  // What was whole when the sums were found may have been damaged since.
  return { file, bytes: await begun(range.end - range.start < size ? bytes : verified(bytes, crc32)) };
}
