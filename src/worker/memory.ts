import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';

/** Bytes that a training may take from this process's machine, or from the container that it runs in. */
export function memoryOfMachine(): number {
  // 0, or more than there is, when there is no such limit.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Bytes that a process has written to, so that nothing but its end frees them; null where the system does not say, or it is gone. */
export async function memoryOf(pid: number): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kibibytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    return 1024 * (kibibytes('RssAnon') + kibibytes('RssShmem') + kibibytes('VmSwap'));
  } catch {
    // Not Linux, or gone a moment ago: both are no reason to end a training.
    return null;
  }
}
