import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Job } from '../../src/contract/job.ts';
import type { Progress } from '../../src/contract/progress.ts';
import { type Service, startService } from '../http/service.ts';
import { takeForTraining } from '../http/trained-run.ts';
import { SEED } from '../seed-job.ts';

const HEARD: Progress = {
  claim: 1,
  phase: 'training',
  epoch: 2,
  epochs: 4,
  step: 30,
  stepsPerEpoch: 313,
  etaAt: '2026-01-01T00:00:50.000Z',
};
const INSIDE = { epoch: 2, epochs: 4, step: 30, steps_per_epoch: 313, fraction: (313 + 30) / (4 * 313), eta_at: HEARD.etaAt };
const FIRST_END = { epoch: 1, epochs: 4, step: 313, steps_per_epoch: 313, fraction: 0.25, eta_at: null };

async function open() {
  const service = await startService();
  onTestFinished(() => service.stop());
  return service;
}

async function submit({ app }: Service): Promise<string> {
  const payload = { ...SEED, training: { epochs: 4 } };
  return (await app.inject({ method: 'POST', url: '/v1/jobs', payload })).json<Job>().id;
}

const show = async ({ app }: Service, id: string): Promise<Job> => (await app.inject({ url: `/v1/jobs/${id}` })).json<Job>();

describe('the progress of a job', () => {
  test('is where its trainer is inside an epoch, in its own answer and in lists', async () => {
    const service = await open();
    const id = await submit(service);
    const training = await takeForTraining(service.runs, id);
    await training.epoch(0.7, 0.6);
    expect(await show(service, id)).toMatchObject({ phase: 'training', progress: FIRST_END });
    await service.queue.publishProgress(id, HEARD);
    expect(await show(service, id)).toMatchObject({ phase: 'training', progress: INSIDE });
    const { data } = (await service.app.inject({ url: '/v1/jobs' })).json<{ data: Job[] }>();
    expect(data.map(({ progress }) => progress)).toEqual([INSIDE]);
  });

  test('is never behind the history in the same answer', async () => {
    const service = await open();
    const id = await submit(service);
    const training = await takeForTraining(service.runs, id);
    await service.queue.publishProgress(id, HEARD);
    for (let epoch = 1; epoch <= 3; epoch++) await training.epoch(0.7, 0.6);
    expect((await show(service, id)).progress).toEqual({ ...FIRST_END, epoch: 3, fraction: 0.75 });
  });

  test('is none that an older claim told', async () => {
    const service = await open();
    const id = await submit(service);
    await (await takeForTraining(service.runs, id)).epoch(0.7, 0.6);
    await service.queue.publishProgress(id, HEARD);
    await service.runs.claim(id, { worker: 'another', maxAttempts: 3 });
    expect(await show(service, id)).toMatchObject({ phase: 'training', progress: FIRST_END });
  });

  test('is the end of the last epoch once nobody trains it, and 1 in the end', async () => {
    const service = await open();
    const id = await submit(service);
    const training = await takeForTraining(service.runs, id);
    await training.epoch(0.7, 0.6);
    await service.queue.publishProgress(id, HEARD);
    await training.succeed('early_stopped');
    expect((await show(service, id)).progress).toEqual({ ...FIRST_END, fraction: 1 });
  });

  test('is the end of the last epoch without Redis, and nothing fails for its sake', async () => {
    const service = await open();
    const id = await submit(service);
    await (await takeForTraining(service.runs, id)).epoch(0.7, 0.6);
    await service.queue.publishProgress(id, HEARD);
    service.redis.kill('SIGKILL');
    expect(await show(service, id)).toMatchObject({ state: 'running', progress: FIRST_END });
    expect((await service.app.inject({ url: '/v1/jobs' })).statusCode).toBe(200);
  });

  test('keeps nobody waiting for a Redis that stands still, least of all a cancel', async () => {
    const service = await open();
    const id = await submit(service);
    await takeForTraining(service.runs, id);
    await service.queue.publishProgress(id, HEARD);
    service.redis.kill('SIGSTOP');
    let hasGivenUp = false;
    const asked = service.queue.depth().catch(() => (hasGivenUp = true));
    const { statusCode } = await service.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` });
    expect([statusCode, hasGivenUp]).toEqual([202, false]);
    await asked;
    expect(hasGivenUp).toBe(true);
  });

  test('is asked for by one command for a page of jobs, expires, and what nobody can read of it is none', async () => {
    const service = await open();
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      const id = await submit(service);
      await takeForTraining(service.runs, id);
      await service.queue.publishProgress(id, HEARD);
      ids.push(id);
    }
    const redis = new Redis(service.redis.address.path ?? '');
    onTestFinished(() => redis.disconnect());
    const keyOf = (id: string | undefined): string => `{epochd}:progress:jobs:${id}`;
    const left = await redis.pttl(keyOf(ids[0]));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30_000);
    await redis.set(keyOf(ids[1]), '{"epoch": "no');
    await redis.set(keyOf(ids[2]), '{"epoch": 3}');
    const asked: string[][] = [];
    const watcher = redis.duplicate();
    const monitor = await watcher.monitor();
    onTestFinished(() => [watcher, monitor].forEach((client) => client.disconnect()));
    monitor.on('monitor', (_time: string, command: string[]) => asked.push(command));
    const { data } = (await service.app.inject({ url: '/v1/jobs?sort=created_at' })).json<{ data: Job[] }>();
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    expect(asked.filter(([name]) => name?.toLowerCase() === 'mget').map((command) => command.length)).toEqual([1 + ids.length]);
    expect(asked.filter(([name]) => ['get', 'hget'].includes(name?.toLowerCase() ?? ''))).toEqual([]);
    expect(data.map(({ progress }) => progress?.step ?? null)).toEqual([30, null, null, 30, 30]);
  });
});
