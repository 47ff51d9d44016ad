import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { type Disk, openDisk, whyNoBlockDevice } from '../disks/block-device.ts';
import { type ServedService, serve, submit, untilJob } from '../epochd.ts';
import { childrenOf } from '../processes.ts';
import { QUICK } from '../small-jobs.ts';

const cannotCut = whyNoBlockDevice();
if (cannotCut) console.warn(`SKIPPED: jobs after a power cut: ${cannotCut}`);

/** More epochs than a segment of the history holds. */
const MANY_EPOCHS = { ...QUICK, name: 'many epochs', training: { epochs: 66, batch_size: 4096 }, callbacks: { early_stopping: null } };

describe.skipIf(notBuilt ?? cannotCut)('after a power cut', () => {
  let disk: Disk;
  let service: ServedService;
  beforeAll(async () => {
    disk = openDisk(96);
    service = await serve(join(disk.path, 'data'));
  });
  afterAll(async () => {
    await service?.end('SIGTERM');
    disk?.remove();
  });

  /** What lies on the disk at this moment, served by a new service; all that could still write is stopped before. */
  async function cutAndServed<T>(look: (fresh: ServedService) => Promise<T>): Promise<T> {
    const pids = descendantsOf(service.process.pid ?? 0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    let left: string;
    try {
      left = disk.cut();
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    const fresh = await serve(join(left, 'data'));
    try {
      return await look(fresh);
    } finally {
      await fresh.end('SIGTERM');
    }
  }

  test.each([QUICK, MANY_EPOCHS])(
    'a job that was said to have succeeded shows all that it showed ($name)',
    async (spec) => {
      const id = await submit(service, spec);
      const said = await untilJob(service.client, id, (job) => job.is_terminal);
      expect(said.state).toBe('succeeded');
      const left = await cutAndServed((fresh) => everythingOf(fresh, id));
      expect(left.history.epoch).toHaveLength(spec.training.epochs);
      expect(left).toEqual(await everythingOf(service, id));
      expect(left.job).toEqual(said);
    },
    180_000,
  );

  test('a job that was accepted is there, under its key, and is trained', async () => {
    const body = JSON.stringify(QUICK);
    const post = ({ url }: ServedService): Promise<Response> =>
      fetch(`${url}/v1/jobs`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': 'cut' } });
    const accepted = (await (await post(service)).json()) as { id: string };
    await cutAndServed(async (fresh) => {
      const again = await post(fresh);
      expect([again.status, ((await again.json()) as { id: string }).id]).toEqual([202, accepted.id]);
      expect((await untilJob(fresh.client, accepted.id, (job) => job.is_terminal)).state).toBe('succeeded');
    });
  });
});

/** All that can be read of a job. */
async function everythingOf({ url, client }: ServedService, id: string) {
  const read = async (path: string): Promise<Response> => {
    const response = await fetch(`${url}/v1/jobs/${id}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const json = async (path: string): Promise<unknown> => (await read(path)).json();
  const sha256 = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(new Uint8Array(await (await read(path)).arrayBuffer()))
      .digest('hex');
  return {
    job: await client.get(id),
    history: (await json('/history')) as { epoch: number[] },
    points: await json('/metrics?by=step'),
    checkpoints: await json('/checkpoints'),
    manifest: await json('/manifest'),
    models: [await sha256('/checkpoints/best/model'), await sha256('/checkpoints/latest/model')],
  };
}

/** A process and all that it started, and those. */
const descendantsOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(descendantsOf)];
