export type ErrorKind = 'user' | 'data' | 'numeric' | 'infrastructure' | 'timeout';

/** One thing wrong with a request, and where (RFC 6901 pointer into the body). */
export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The root of every failure that has a name. `code` is for programs, `message` for people (the value, the place, what was
 * expected), `kind` says whose fault it is, and `retryable` whether the same run may succeed without being changed.
 */
export abstract class EpochdError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  readonly retryable: boolean = false;
  /** Whether the run itself may be at fault when an attempt ends with this error: then the attempt counts towards those that it has. */
  readonly countsAgainstRun: boolean = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Thrown when a spec is well-formed JSON but not a job that can be run. */
export class SpecInvalid extends EpochdError {
  readonly code = 'spec_invalid';
  readonly kind = 'user';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(
      `the spec has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}: ${problems.map((p) => `${p.pointer || 'the body'}: ${p.detail}`).join('; ')}`,
    );
    this.problems = problems;
  }
}

/** Thrown when no run directory has this id. */
export class JobNotFound extends EpochdError {
  readonly code = 'job_not_found';
  readonly kind = 'user';
  readonly id: string;
  constructor(id: string) {
    super(`no job ${JSON.stringify(id)}`);
    this.id = id;
  }
}

/** Thrown when the job's state does not allow what was asked. */
export class WrongState extends EpochdError {
  readonly code = 'wrong_state';
  readonly kind = 'user';
  readonly state: string;
  constructor(id: string, state: string, asked: string) {
    super(`${id} is ${state}: ${asked}`);
    this.state = state;
  }
}

/** Thrown when a checkpoint is asked for that is not there, or not yet. */
export class NoCheckpointYet extends EpochdError {
  readonly code = 'no_checkpoint_yet';
  readonly kind = 'user';
}

/** Thrown when a checkpoint's files are not those that were written: their sha256 differs, or one is missing. */
export class CheckpointDamaged extends EpochdError {
  readonly code = 'checkpoint_damaged';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
}

/** Thrown when what is written down of a run cannot be read any more. It harms this run alone. */
export class RunDamaged extends EpochdError {
  readonly code = 'run_damaged';
  readonly kind = 'infrastructure';
  readonly id: string;
  constructor(id: string, detail: string) {
    super(`${id} is damaged: ${detail}`);
    this.id = id;
  }
}

/** Thrown when a data set cannot be had: no local file, and no way to download it. */
export class DatasetMissing extends EpochdError {
  readonly code = 'dataset_missing';
  readonly kind = 'data';
}

/** Thrown when a data file is not what it says it is: damaged, truncated, of another layout, or hostile. */
export class DatasetCorrupt extends EpochdError {
  readonly code = 'dataset_corrupt';
  readonly kind = 'data';
}

/** Thrown when rows hold what a model cannot be computed over: a token id outside the vocabulary, a label that is no class, a number that is not finite. */
export class DataOutOfRange extends EpochdError {
  readonly code = 'data_out_of_range';
  readonly kind = 'data';
}

/** Thrown when the loss is not a finite number and the spec says to stop then. */
export class NotFinite extends EpochdError {
  readonly code = 'not_finite';
  readonly kind = 'numeric';
}

/** Thrown when a run exceeds its max_runtime_seconds. */
export class RuntimeExceeded extends EpochdError {
  readonly code = 'max_runtime_exceeded';
  readonly kind = 'timeout';
}

/** Thrown when the engine that the spec asks for cannot be loaded on this machine. */
export class EngineUnavailable extends EpochdError {
  readonly code = 'engine_unavailable';
  readonly kind = 'infrastructure';
}

/** Thrown when a disk is full or a quota is reached. */
export class StorageFull extends EpochdError {
  readonly code = 'storage_full';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  override readonly countsAgainstRun = false;
}

/** Thrown when files cannot be read or written for a reason that lies with the machine: rights, a mount that went away, a broken disk. */
export class StorageUnavailable extends EpochdError {
  readonly code = 'storage_unavailable';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  override readonly countsAgainstRun = false;
}

/** Thrown when this process sees another data folder than the one that the queue belongs to. */
export class DataFolderMismatch extends EpochdError {
  readonly code = 'data_folder_mismatch';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  override readonly countsAgainstRun = false;
}

/** Thrown when the queue names a run that the data folder does not hold: folders on a network show what is new late. */
export class RunMissing extends EpochdError {
  readonly code = 'run_missing';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  override readonly countsAgainstRun = false;
}

/** Thrown when Redis does not take a command in time. */
export class QueueUnavailable extends EpochdError {
  readonly code = 'queue_unavailable';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
}

/** Thrown when the training process ended without a word: killed, out of memory, crashed. */
export class TrainerLost extends EpochdError {
  readonly code = 'trainer_lost';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
}

/** Thrown when a training took more memory than its estimate allows: another attempt would do the same. */
export class MemoryExceeded extends EpochdError {
  readonly code = 'memory_exceeded';
  readonly kind = 'infrastructure';
}

/** Thrown when a training needs more memory than the worker's machine has: a larger one may take it. */
export class MemoryInsufficient extends EpochdError {
  readonly code = 'memory_insufficient';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
}

/** Thrown when another worker has taken the run over: this one must write nothing more. */
export class FenceLost extends EpochdError {
  readonly code = 'fence_lost';
  readonly kind = 'infrastructure';
}

/** Thrown when a queue entry is left from before a retry of its run: the retry has an entry of its own, and two would take the run from each other. */
export class EntryOutlived extends EpochdError {
  readonly code = 'entry_outlived';
  readonly kind = 'infrastructure';
}

/** Thrown when a run was started as often as allowed without a new checkpoint in between. */
export class AttemptsExhausted extends EpochdError {
  readonly code = 'attempts_exhausted';
  readonly kind = 'infrastructure';
}
