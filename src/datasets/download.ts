import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatasetCorrupt, DatasetMissing, EpochdError } from '../contract/errors.ts';
import { anyStorageError } from '../contract/storage-error.ts';
import { type Download, fetchRest } from './download-part.ts';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 200;

/**
 * Downloads a file, going on where an earlier attempt stopped. Throws DatasetMissing when it cannot be had (what arrived is
 * kept for the next attempt), DatasetCorrupt when its sum is wrong (nothing is kept), StorageFull and
 * StorageUnavailable when it cannot be kept, and the signal's reason.
 */
export async function download(wanted: Download): Promise<void> {
  const part = `${wanted.path}.part`;
  try {
    await mkdir(dirname(part), { recursive: true });
    await fetchPatiently(wanted, part);
    await accept(wanted, part);
  } catch (error) {
    wanted.signal.throwIfAborted();
    if (error instanceof DatasetCorrupt) await rm(part, { force: true });
    throw named(error as NodeJS.ErrnoException, wanted);
  }
}

async function fetchPatiently(wanted: Download, part: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchRest(wanted, part);
    } catch (error) {
      const isFinal = error instanceof EpochdError || (error as NodeJS.ErrnoException).syscall !== undefined;
      if (isFinal || attempt === ATTEMPTS || wanted.signal.aborted) throw error;
      await delay(FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, { signal: wanted.signal });
    }
  }
}

async function accept({ url, path, sha256 }: Download, part: string): Promise<void> {
  try {
    const sum = await sha256OfFile(part);
    if (sum === sha256) return await rename(part, path);
    throw new DatasetCorrupt(`${url}: expected sha256 ${sha256}, not ${sum}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await access(path); // Another process finished the same download first.
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function named(cause: NodeJS.ErrnoException, { url, path, remedy }: Download): EpochdError {
  const error = anyStorageError(cause, path);
  if (error instanceof EpochdError) return error;
  return new DatasetMissing(`${url}: cannot be downloaded to ${path} (${reason(cause)}): ${remedy}`, { cause });
}

/** fetch() says only "fetch failed"; what happened is in its cause, which may have a code and no message. */
function reason(error: NodeJS.ErrnoException): string {
  const own = error.message || error.code || error.name;
  return error.cause instanceof Error ? `${own}: ${reason(error.cause)}` : own;
}
