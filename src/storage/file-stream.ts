import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { anyStorageError } from '../contract/storage-error.ts';

const CHUNK_BYTES = 1 << 18;

/** Bytes of an open file, which it closes at the end. Ends early where the file does. Fails with StorageUnavailable. */
export function fileStream(file: FileHandle, path: string, start: number, end: number): Readable {
  let position = start;
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      const length = Math.min(CHUNK_BYTES, end - position);
      if (length <= 0) {
        this.push(null);
        return;
      }
      file.read(Buffer.allocUnsafe(length), 0, length, position).then(
        ({ bytesRead, buffer }) => {
          position += bytesRead;
          this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
        },
        (error: unknown) => this.destroy(anyStorageError(error, path) as Error),
      );
    },
    destroy(error, done) {
      file.close().then(
        () => done(error),
        (fault: unknown) => done(error ?? (anyStorageError(fault, path) as Error)),
      );
    },
  });
}
