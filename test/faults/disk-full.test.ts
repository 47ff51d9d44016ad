import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../worker/processes.ts';
import { closeRigs, missing, openRig, type Rig } from '../worker/rig.ts';
import { freezeInside, resultOf, untilEnded } from '../worker/trained.ts';
import { undisturbed } from '../worker/undisturbed.ts';

const cannotMount = whyNot();
if (cannotMount) console.warn(`SKIPPED: tests of a full disk: ${cannotMount}`);

describe.skipIf(missing ?? cannotMount)('a disk that is full', () => {
  const mounted: string[] = [];
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });
  afterEach(async () => {
    try {
      await closeRigs();
    } finally {
      for (const folder of mounted.splice(0)) unmount(folder);
    }
  });

  for (const [title, spared] of [
    ['to the last byte', 0],
    ['so that records fit but no checkpoint does', 24 * 1024],
  ] as const) {
    test(`${title} costs nothing but time: when there is room again the run goes on, with the same bits`, async () => {
      const folder = mount('8m');
      mounted.push(folder);
      const rig = await openRig(folder);
      const worker = await rig.startWorker({ queue: { retryDelayMs: 200 } });
      const id = await rig.submit();
      const trainer = await freezeInside(rig, worker, id, 2);
      const filler = await fill(folder, spared);
      process.kill(trainer, 'SIGCONT');
      await until(() => worker.log().includes('no room to write'), 'a write has failed');
      await until(() => worker.log().includes('tried again after a pause'), 'the run waits for room');
      if (spared > 0) await expectNamedCause(rig, id);
      await rm(filler);
      const run = await untilEnded(rig, id);
      expect(run.record.state).toBe('succeeded');
      expect(await resultOf(run)).toEqual(expected);
    });
  }
});

async function expectNamedCause({ runs }: Rig, id: string): Promise<void> {
  const { transitions } = await runs.readRecord(id);
  expect(transitions.map(({ reason }) => reason)).toContain('storage_full');
}

/** Writes until `spared` bytes are left. */
async function fill(folder: string, spared: number): Promise<string> {
  const path = join(folder, 'filler');
  const file = await open(path, 'w');
  const { bavail, bsize } = await statfs(folder);
  try {
    for (let written = 0; written < bavail * bsize - spared; written += bsize) await file.write(Buffer.alloc(bsize));
  } finally {
    await file.close();
  }
  return path;
}

function mount(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'epochd-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** Lazily: a file that a failed test left open must not hide why it failed. */
function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true });
}

function whyNot(): string | null {
  try {
    unmount(mount('1m'));
    return null;
  } catch (error) {
    return `a small tmpfs cannot be mounted (${(error as Error).message.trim()}): run them as root`;
  }
}
