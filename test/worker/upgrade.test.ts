import { Queue } from 'bullmq';
import { describe, expect, test } from 'vitest';
import { birthOf } from '../births.ts';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { untilEnded } from '../rig/trained.ts';
import { newJobId } from '../seed-job.ts';
import { QUICK } from '../small-jobs.ts';

/** Under which version 0.1.0 kept its entries: the keys of one queue could not lie on one node of a Cluster. */
const OLD_PREFIX = 'epochd';

describe.skipIf(notBuilt)('a run whose entry was made by version 0.1.0', () => {
  test('is found by the reconciliation, trained once, and leaves the old entry alone', async () => {
    const rig = await openRig();
    const id = newJobId();
    await rig.runs.create(id, await birthOf(QUICK));
    const old = new Queue('epochd', { connection: { path: rig.redis.address.path ?? '' }, prefix: OLD_PREFIX });
    try {
      await old.add('train', {}, { jobId: id, priority: 100 });
      await rig.startWorker({ reconcileMs: 500 });
      const { record } = await untilEnded(rig, id);
      expect(record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'completed']);
      expect(await old.getJobCounts('prioritized')).toEqual({ prioritized: 1 });
    } finally {
      await old.close();
    }
  });
});
