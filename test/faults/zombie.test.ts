import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { isAlive } from '../processes.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, untilEnded } from '../rig/trained.ts';
import { until } from '../until.ts';

const LOCK_MS = 1500;

describe.skipIf(notBuilt)('a worker that is stopped past its lock, and wakes up when another one has finished its run', () => {
  for (const frozen of ['worker', 'worker and trainer'] as const) {
    test(`changes nothing of the run (SIGSTOP of ${frozen})`, async () => {
      const rig = await openRig();
      const zombie = await rig.startWorker({ queue: { lockDurationMs: LOCK_MS } });
      const id = await rig.submit();
      const trainer = await freezeInside(rig, zombie, id, 2);
      zombie.kill('SIGSTOP');
      if (frozen === 'worker') process.kill(trainer, 'SIGCONT');
      await rig.startWorker();
      const { record } = await untilEnded(rig, id);
      expect(record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'worker_lost', 'completed']);
      await until(async () => (await rig.queue.missing([{ id, retries: 0 }])).length === 1, 'the entry has left the queue');

      const before = await fingerprint(join(rig.dataDir, 'runs', id));
      const job = await rig.runs.read(id);
      zombie.kill('SIGCONT');
      if (frozen === 'worker and trainer') process.kill(trainer, 'SIGCONT');
      await until(() => !isAlive(trainer), 'the trainer of the stopped worker is gone');
      await until(() => zombie.log().includes('counts no more'), 'the stopped worker has seen that it lost the run');
      await sleep(2 * LOCK_MS);
      expect(await fingerprint(join(rig.dataDir, 'runs', id))).toEqual(before);
      expect(await rig.runs.read(id)).toEqual(job);
      expect(await rig.queue.depth()).toEqual({ waiting: 0, delayed: 0, running: 0 });
    });
  }
});

/** Every file of a folder with its bytes and when it was written. */
async function fingerprint(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const entries = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs, ctimeMs } = await stat(join(folder, name));
      const bytes = (await stat(join(folder, name))).isFile() ? await readFile(join(folder, name)) : '';
      return [name, `${createHash('sha256').update(bytes).digest('hex')} ${mtimeMs} ${ctimeMs}`] as const;
    }),
  );
  return Object.fromEntries(entries);
}
