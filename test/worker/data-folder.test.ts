import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { specShape } from '../../src/contract/spec.ts';
import { openRuns } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { birthOf } from '../births.ts';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { untilEnded } from '../rig/trained.ts';
import { spawnWorker } from '../rig/worker-process.ts';
import { newJobId } from '../seed-job.ts';
import { QUICK } from '../small-jobs.ts';
import { until, untilThere } from '../until.ts';

describe.skipIf(notBuilt)('a worker', () => {
  test('whose data folder is empty, as if it were not mounted, takes nothing, says so, and goes on once the right one is there', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    expect((await untilEnded(rig, await rig.submit(QUICK))).record.state).toBe('succeeded');
    const identity = await untilThere(() => rig.queue.folder(), 'Redis holds the identity of the folder');
    await first.terminate();
    const mountPoint = join(rig.dataDir, 'mount');
    await mkdir(mountPoint);
    const ghost = spawnWorker(mountPoint, rig.redis.address, { id: 'ghost' });
    try {
      await ghost.started;
      await until(() => ghost.log().includes('this worker takes nothing'), 'the ghost says that it takes nothing');
      expect(ghost.log()).toContain(identity);
      expect(ghost.log()).toContain(mountPoint);
      const ids = await Promise.all(Array.from({ length: 3 }, () => rig.submit(QUICK)));
      await until(
        async () => (await rig.queue.workers()).some(({ id, folder }) => id === 'ghost' && folder !== identity),
        'the ghost shows its folder',
      );
      await until(async () => (await rig.queue.depth()).waiting === 3, 'what it may have taken at first is given back');
      expect(await rig.queue.missing(ids.map((id) => ({ id, retries: 0 })))).toEqual([]);
      // As a mount does: what the mount point holds is another folder from now on.
      await rm(mountPoint, { recursive: true });
      await mkdir(mountPoint);
      for (const name of ['identity.json', 'runs']) await rename(join(rig.dataDir, name), join(mountPoint, name));
      const mounted = openRuns(await openFolder(mountPoint));
      await until(
        async () => (await mounted.readRecord(ids[0] ?? '')).state === 'succeeded',
        'a run was trained in the folder that came back',
      );
    } finally {
      await ghost.close();
    }
  });

  test('waits for a run that its folder does not show yet', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ queue: { retryDelayMs: 200 } });
    const id = newJobId();
    const spec = specShape.parse(QUICK);
    await rig.queue.add(id, spec.priority, 0);
    await until(() => worker.log().includes('the data folder does not hold this run'), 'the worker misses the run');
    expect(await untilThere(() => rig.queue.failure(id, 0), 'Redis holds why the entry waits')).toMatch(/^run_missing: /);
    await rig.runs.create(id, await birthOf(spec));
    expect((await untilEnded(rig, id)).record.state).toBe('succeeded');
  });
});
