import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { hasCode } from '../contract/storage-error.ts';
import { fileStream } from './file-stream.ts';
import { type ByteRange, isName, TEMPORARY } from './storage.ts';

interface Folder {
  readonly root: string;
}

export const readBlob = (folder: Folder, path: string, range?: ByteRange): Promise<Buffer | null> =>
  ifThere(folder, () => (range ? readRange(path, range) : readFile(path)));

export const streamBlob = (folder: Folder, path: string, range?: ByteRange): Promise<Readable | null> =>
  ifThere(folder, async () => {
    const file = await open(path, 'r');
    try {
      const status = await file.stat();
      if (status.isFile()) return fileStream(file, path, range?.start ?? 0, Math.min(range?.end ?? status.size, status.size));
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return null;
  });

export const sizeOf = (folder: Folder, path: string): Promise<number | null> =>
  ifThere(folder, async () => {
    const status = await stat(path);
    return status.isFile() ? status.size : null;
  });

export async function childrenOf(folder: Folder, path: string, after: string): Promise<string[]> {
  const names = (await ifThere(folder, () => readdir(path))) ?? [];
  return names.filter((name) => name > after && isName(name) && (name !== TEMPORARY || path !== folder.root)).sort();
}

/** What was read, or null where no blob is. Fails when the data folder itself is gone: that tells nothing of what was in it. */
export async function ifThere<T>({ root }: Folder, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error;
    await stat(`${root}/`);
    return null;
  }
}

async function readRange(path: string, { start, end }: ByteRange): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await readFully(file, start, Math.max(0, Math.min(end, size) - start));
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}
