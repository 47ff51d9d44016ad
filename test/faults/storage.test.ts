import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { StorageUnavailable } from '../../src/contract/errors.ts';
import { notBuilt } from '../built.ts';
import { type Fault, faultyFiles, missingShim } from '../disks/faulty-files.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, resultOf, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt ?? missingShim)('files that cannot be used for a while', () => {
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });

  const everywhere = (code: string): Fault[] =>
    (['open', 'mkdir', 'rename', 'link', 'scandir'] as const).map((call) => [call, code, '/runs/']);

  test.each([
    [
      'the claims are read-only',
      [
        ['mkdir', 'EACCES', '/claims/'],
        ['rename', 'EACCES', '/claims/'],
      ],
    ],
    [
      'the disk fails',
      [
        ['open', 'EIO', '/checkpoints/'],
        ['rename', 'EIO', '/checkpoints/'],
      ],
    ],
    [
      'the file system went read-only',
      [
        ['mkdir', 'EROFS', '/runs/'],
        ['link', 'EROFS', '/runs/'],
        ['rename', 'EROFS', '/runs/'],
      ],
    ],
    [
      'a network mount is stale, there are no more file descriptors, nothing may be used',
      ...['ESTALE', 'EMFILE', 'EACCES'].map(everywhere),
    ],
  ] as [string, ...Fault[][]][])(
    '%s: the run goes on afterwards, with the same bits, and none of it is counted as its fault',
    async (_, ...blows) => {
      const files = faultyFiles();
      const rig = await openRig();
      const worker = await rig.startWorker({ env: files.env, queue: { retryDelayMs: 100 }, maxAttempts: 2 });
      const id = await rig.submit();
      const trainer = await freezeInside(rig, worker, id, 2);
      for (const [index, faults] of blows.entries()) {
        await files.fail(...faults);
        if (index === 0) process.kill(trainer, 'SIGCONT');
        const before = worker.log().length;
        await until(() => worker.log().slice(before).includes('cannot be read or written'), 'the fault has hit');
        await sleep(1_000);
      }
      await files.fail();
      const run = await untilEnded(rig, id);
      expect(run.record.error).toBeNull();
      expect(await resultOf(rig, id)).toEqual(expected);
      expect(run.record.transitions.map(({ reason }) => reason)).not.toContain('internal_error');
    },
  );

  test('a cache of data sets that may not be read makes the run wait, and the job says so', async () => {
    const files = faultyFiles();
    await files.fail(['open', 'EACCES', '/cache/'], ['mkdir', 'EACCES', '/cache']);
    const rig = await openRig();
    await rig.startWorker({ env: files.env });
    const id = await rig.submit({ dataset: { source: 'imdb' } });
    await until(async () => (await rig.runs.readRecord(id)).reason === 'storage_unavailable', 'the run waits');
    expect((await rig.runs.readRecord(id)).error).toMatchObject({ code: 'storage_unavailable', retryable: true });
    await rig.runs.cancel(id);
  });

  test('a run that waits for files for hours is given up, and may be retried', async () => {
    const rig = await openRig();
    const id = await rig.submit();
    const error = new StorageUnavailable('gone');
    const first = join(rig.dataDir, 'runs', id, 'state');
    // Each try is a record: all but the last of them are left out.
    const { seal: _, ...record } = JSON.parse(await readFile(join(first, '000001.json'), 'utf8')) as { seal: string };
    await writeFile(join(first, '000002.json'), JSON.stringify({ ...record, blameless: 330 }));
    let state = 'queued';
    let tries = 0;
    for (; state === 'queued' && tries < 1_000; tries++) {
      const { claim } = await rig.runs.claim(id, { worker: 'w', maxAttempts: 5 });
      ({ state } = await rig.runs.end(id, claim, { type: 'failed', error }, 0));
    }
    expect([state, tries]).toEqual(['failed', 10]);
    expect((await rig.runs.readRecord(id)).error).toMatchObject({ code: 'storage_unavailable', retryable: true });
    expect((await rig.runs.retry(id)).state).toBe('queued');
  });
});
