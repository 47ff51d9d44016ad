import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** How long to wait for a slow reader before the first line is dropped. Until a line can be written again, the next ones do not wait. */
const PATIENCE_MS = 100;
const NAP_MS = 5;
const STANDARD_ERROR = 2;

/**
 * A place for log lines that never throws and never blocks for long: what is observed must not end because the observer is gone
 * (EPIPE), full (ENOSPC), broken (EIO) or asleep (EAGAIN). A line that cannot be written is dropped; the next one that can be
 * says how many were.
 */
export function unfailingOutput(fd = STANDARD_ERROR): DestinationStream {
  let lost = 0;
  let reason = '';
  /** Whether a line was written in part: a line break must come before the next one. */
  let torn = false;

  const put = (text: string): boolean => {
    let rest = Buffer.from(text);
    try {
      while (rest.length > 0) rest = rest.subarray(writePatiently(fd, rest, lost === 0));
      return true;
    } catch (error) {
      reason = (error as NodeJS.ErrnoException).code ?? String(error);
      torn ||= rest.length < Buffer.byteLength(text);
      return false;
    }
  };

  return {
    write(line) {
      if (lost > 0 && put(`${torn ? '\n' : ''}${lossLine(lost, reason)}`)) {
        lost = 0;
        torn = false;
      }
      if (lost > 0 || !put(line)) lost += 1;
    },
  };
}

function writePatiently(fd: number, data: Buffer, isPatient: boolean): number {
  for (let waited = 0; ; waited += NAP_MS) {
    try {
      return writeSync(fd, data);
    } catch (error) {
      const isAsleep = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isAsleep || !isPatient || waited >= PATIENCE_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
    }
  }
}

const lossLine = (lost: number, reason: string): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lost, reason, msg: 'lines of this log were lost: they could not be written' })}\n`;
