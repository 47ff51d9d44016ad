import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { withLock } from '../../scripts/setup/lock.mjs';
import { checkout } from './stand-in.ts';

/** A process that holds the lock until it is killed. */
async function startHolder(name: string) {
  const program = `
    import { withLock } from './scripts/setup/lock.mjs';
    await withLock(${JSON.stringify(name)}, () => {}, () => new Promise(() => { console.log('holds'); setInterval(() => {}, 1000); }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('skipped: set-up takes its lock on Linux only');

it.skipIf(!isLinux)('a lock is had as soon as its holder is killed, whatever way that died', async () => {
  const name = `lock test ${process.pid}`;
  const holder = await startHolder(name);
  const events: string[] = [];
  const waiting = withLock(
    name,
    () => events.push('waits'),
    async () => events.push('works'),
  );
  await expect.poll(() => events).toEqual(['waits']);
  events.push('holder is killed');
  holder.kill('SIGKILL');
  await waiting;
  expect(events).toEqual(['waits', 'holder is killed', 'works']);
});

it('only one at a time works under a name, and the next follows when it fails', async () => {
  const name = `one at a time ${process.pid}`;
  let atWork = 0;
  const work = async (): Promise<void> => {
    atWork += 1;
    expect(atWork).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    atWork -= 1;
    throw new Error('failed on purpose');
  };
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => withLock(name, () => undefined, work)));
  expect(all.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(Array(5).fill('failed on purpose'));
});
