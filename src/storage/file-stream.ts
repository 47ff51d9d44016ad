import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { anyStorageError } from '../contract/storage-error.ts';

const CHUNK_BYTES = 1 << 18;

/** Bytes of an open file, which it closes at the end. Ends early where the file does. Fails with StorageUnavailable. */
export function fileStream(file: FileHandle, path: string, start: number, end: number): Readable {
  let position = start;

  const pushNext = async (stream: Readable): Promise<void> => {
    const length = Math.min(CHUNK_BYTES, end - position);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.max(0, length)), 0, Math.max(0, length), position);
      position += bytesRead;
      stream.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
    } catch (error) {
      stream.destroy(anyStorageError(error, path) as Error);
    }
  };

  const close = async (error: Error | null, done: (error: Error | null) => void): Promise<void> => {
    let fault: unknown = null;
    try {
      await file.close();
    } catch (cause) {
      fault = anyStorageError(cause, path);
    }
    done(error ?? (fault as Error | null));
  };

  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      void pushNext(this);
    },
    destroy: (error, done) => void close(error, done),
  });
}
