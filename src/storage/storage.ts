import type { Readable } from 'node:stream';
import { EpochdError } from '../contract/errors.ts';

/*
 * Where bytes live. A key is parts with '/' between them; it names a blob or it is the prefix of others, never both.
 * What a back end must hold stands in test/storage/conformance.ts, which each of them is run through.
 */

/** Parts are written one after the other, without being put together in memory. */
export type Bytes = string | Uint8Array | readonly (string | Uint8Array)[];

/** Bytes of a blob; what lies behind its end is left out. Throws RangeError when it is none. */
export interface ByteRange {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

export interface PutOptions {
  /** false: after a power cut the blob may be the one before, or not there, until something beside it was put durably; it is whole all the same. */
  readonly durable?: boolean;
}

/** All throw StorageFull, StorageUnavailable, and RangeError for a key that is none. */
export interface Blobs {
  /** Creates the blob unless there is one: true for exactly one caller, ever. When it resolves, the blob survives a power cut, whoever made it. */
  putIfAbsent(key: string, bytes: Bytes): Promise<boolean>;
  /** Whole or not at all; when it resolves, the blob survives a power cut. Only for keys that have one writer. */
  put(key: string, bytes: Bytes, options?: PutOptions): Promise<void>;
  /** null when it is not there. */
  get(key: string, range?: ByteRange): Promise<Buffer | null>;
  /** Bounded memory, whatever the size; read to its end or destroyed by whoever asked. What it began to read stays, whatever becomes of the key. Throws BlobMissing. */
  stream(key: string, range?: ByteRange): Promise<Readable>;
  /** Bytes, or null when it is not there. */
  size(key: string): Promise<number | null>;
  /** Names one level below the prefix ('' is the top), rising, those after `after` only; blobs and prefixes alike. Sees every finished put. */
  children(prefix: string, after?: string): Promise<string[]>;
  /** Whole or not at all, durable as `put`, and independent of the original. Throws BlobMissing. */
  copy(from: string, to: string): Promise<void>;
  /** Those that are not there are no error. A power cut may bring them back. */
  remove(keys: readonly string[]): Promise<void>;
  /** Everything below the prefix; what is put meanwhile may stay. A power cut may bring it back. */
  removeAll(prefix: string): Promise<void>;
}

/** What a back end can that leaves something behind when its process is killed. */
export interface Sweeper {
  /** Removes what nobody has written to for an hour; gives how many there were. `now` is the storage's clock in milliseconds. Throws StorageFull, StorageUnavailable. */
  sweep(now?: number): Promise<number>;
}

/** Thrown when a blob is asked for that is not there. */
export class BlobMissing extends EpochdError {
  readonly code = 'blob_missing';
  readonly kind = 'infrastructure';
  readonly key: string;
  constructor(key: string) {
    super(`no blob ${JSON.stringify(key)}`);
    this.key = key;
  }
}

/** Visible ASCII: other texts are sorted, folded and normalized by each file system in its own way. */
const NAME = /^[!-.0-[\]-~]{1,255}$/;
/** What an object store takes. */
const MAX_LENGTH = 1024;
/** Where a folder keeps what is not finished. */
export const TEMPORARY = 'tmp';

/** Whether it can be a part of a key. The others are what a back end keeps for itself, and version 0.1.0 kept beside its files. */
export const isName = (part: string): boolean => NAME.test(part) && !part.startsWith('.') && !part.endsWith('.tmp');

/** Throws RangeError. */
export function assertKey(key: string): void {
  const parts = key.split('/');
  if (key.length <= MAX_LENGTH && parts.every(isName) && parts[0] !== TEMPORARY) return;
  throw new RangeError(
    `the key ${JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}...` : key)}: expected at most ${MAX_LENGTH} characters, as parts with '/' between them, ` +
      `each of 1 to 255 visible ASCII characters without '\\', not beginning with '.' nor ending in '.tmp', and the first not '${TEMPORARY}'`,
  );
}

/** Gives the range as it is. Throws RangeError. */
export function assertRange(range?: ByteRange): ByteRange | undefined {
  if (!range) return undefined;
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return range;
  throw new RangeError(`the bytes ${start} to ${end}: expected whole numbers, 0 or more, of which the second is not smaller`);
}
