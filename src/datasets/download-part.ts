import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Response } from 'undici';
import { DatasetCorrupt, DatasetMissing } from '../contract/errors.ts';
import { fetchThroughProxy } from './proxy.ts';

export interface DownloadProgress {
  readonly receivedBytes: number;
  /** null when the server does not say. */
  readonly totalBytes: number | null;
}

export interface Download {
  readonly url: string;
  /** Where the file goes once it is whole; until then it is `path`.part. */
  readonly path: string;
  readonly sha256: string;
  readonly maxBytes: number;
  /** The end of the error's text when it cannot be had. */
  readonly remedy: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/**
 * Asks for what `part` does not have yet and adds it. Every byte is written at its own place and nothing is cut off, so that
 * two processes that download the same file do not harm each other.
 */
export async function fetchRest(wanted: Download, part: string): Promise<void> {
  const file = await open(part, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    const { size } = await file.stat();
    const response = await fetchThroughProxy(wanted.url, {
      headers: { 'accept-encoding': 'identity', ...(size > 0 ? { range: `bytes=${size}-` } : {}) },
      signal: wanted.signal,
    });
    // 416: there is nothing after these bytes. Their sum says whether they are the file.
    if (response.status !== 416) await save(response, size, file, wanted);
    else await response.body?.cancel();
  } finally {
    await file.close();
  }
}

async function save(response: Response, size: number, file: FileHandle, wanted: Download): Promise<void> {
  const { url, maxBytes, onProgress } = wanted;
  const { start, totalBytes } = await placeOf(response, size, wanted);
  let receivedBytes = start;
  onProgress({ receivedBytes, totalBytes });
  for await (const chunk of response.body ?? []) {
    if (receivedBytes + chunk.length > maxBytes) throw new DatasetCorrupt(`${url}: expected at most ${maxBytes} bytes`);
    await writeAt(file, chunk, receivedBytes);
    receivedBytes += chunk.length;
    onProgress({ receivedBytes, totalBytes });
  }
}

async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
  }
}

/** Where in the file the body belongs: a server may answer a request for the rest with the whole. */
async function placeOf(response: Response, size: number, { url, remedy }: Download): Promise<{ start: number; totalBytes: number | null }> {
  const { status, headers } = response;
  if (status === 200) return { start: 0, totalBytes: Number(headers.get('content-length')) || null };
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status === 206 && Number(start) === size) return { start: size, totalBytes: Number(total) || null };
  await response.body?.cancel();
  const problem = `expected HTTP status 200, or 206 from byte ${size}, not ${status}`;
  if (status >= 500 || status === 429) throw new Error(problem);
  throw new DatasetMissing(`${url}: ${problem}: ${remedy}`);
}
