import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DatasetCorrupt, DatasetMissing, EpochdError } from '../contract/errors.ts';
import { storageError } from '../contract/storage-error.ts';

const MAX_BYTES = 256 * 2 ** 20;

export interface SourceFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * Reads the file `path`; `remedy` is the end of the error's text. Throws DatasetMissing when it is not there, StorageUnavailable
 * when it is and cannot be read, DatasetCorrupt when it has more than 256 MiB, and the signal's reason.
 */
export async function readSourceFile(path: string, remedy: string, signal: AbortSignal): Promise<SourceFile> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw new DatasetMissing(`${path}: expected a file: ${remedy}`);
    if (status.size > MAX_BYTES) throw new DatasetCorrupt(`${path}: expected at most ${MAX_BYTES} bytes, not ${status.size}`);
    const bytes = await readFile(path, { signal });
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (cause) {
    signal.throwIfAborted();
    const error = storageError(cause, path);
    if (error instanceof EpochdError) throw error;
    throw new DatasetMissing(`${path}: cannot be read (${(cause as Error).message}): ${remedy}`, { cause });
  }
}
