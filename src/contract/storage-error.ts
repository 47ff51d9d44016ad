import { EpochdError, StorageFull, StorageUnavailable } from './errors.ts';

/** What code looks for and decides on. Whatever else the system says of a file is the storage's doing. */
const DECIDED_ON = ['EEXIST', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY'];

/**
 * The system's error about `path` under its name: a disk that is full, or storage that fails for another reason, whoever can mend
 * it. Errors that code decides on, and those that are not about files, stay what they are.
 */
export function storageError(error: unknown, path: string): unknown {
  if (!isSystemError(error) || DECIDED_ON.includes(error.code)) return error;
  return nameOf(error, path);
}

/** As `storageError`, where nobody decides any more: a folder that is not there has been taken away. */
export function anyStorageError(error: unknown, path: string): unknown {
  return isSystemError(error) && error.code !== 'EEXIST' ? nameOf(error, path) : error;
}

function nameOf(error: SystemError, path: string): EpochdError {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new StorageFull(
      `no room to write ${path}: free some space and try again; a run that was training goes on from its last checkpoint by itself`,
      { cause: error },
    );
  }
  return new StorageUnavailable(
    `${path} cannot be read or written (${error.message}): once it can be, everything goes on by itself, a run that was training from its last checkpoint`,
    { cause: error },
  );
}

/** Whether the system says one of these. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

interface SystemError extends Error {
  readonly code: string;
}

const NOT_OF_FILES = ['connect', 'getaddrinfo', 'listen', 'bind', 'kill'];

/** From the system, and about a file. */
const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error &&
  !(error instanceof EpochdError) &&
  'errno' in error &&
  'syscall' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  !NOT_OF_FILES.includes(String(error.syscall));
