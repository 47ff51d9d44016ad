import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QueueUnavailable } from '../../src/contract/errors.ts';
import type { JobQueue } from '../../src/queue/queue.ts';
import { type Service, startService } from '../http/service.ts';
import { holdBlobs } from '../runs/held-blobs.ts';
import { SEED } from '../seed-job.ts';
import { openOther } from './other-api.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type App = Service['app'];

const post = (app: App, key: string) => app.inject({ method: 'POST', url: '/v1/jobs', headers: { 'idempotency-key': key }, payload: SEED });
const statusOf = async (id: string): Promise<number> => (await service.app.inject({ url: `/v1/jobs/${id}` })).statusCode;
const folders = (): string[] => readdirSync(join(service.dataDir, 'runs'));

/** Lets the ten seconds pass that a request with a key is waited for. */
function age(key: string): void {
  const folder = join(service.dataDir, 'idempotency', createHash('sha256').update(key).digest('hex'));
  const file = join(folder, readdirSync(folder).sort().at(-1) ?? '');
  const reservation = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...reservation, at: new Date(Date.now() - 60_000).toISOString() }));
}

/** A queue whose next `add` is held back and then refused. */
function refusing(queue: JobQueue) {
  let fail = (): void => undefined;
  let arrive = (): void => undefined;
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const add = async (): Promise<void> => {
    arrive();
    await failed;
    throw new QueueUnavailable('Redis did not do what was asked: no answer within 2500 ms');
  };
  return { queue: { ...queue, add }, arrived, fail };
}

describe('an API that is frozen between writing a run and adding it to the queue', () => {
  test('leaves a job alone that another API has accepted under the same key meanwhile', async () => {
    const { queue, arrived, fail } = refusing(service.queue);
    const frozen = await openOther(service, { queue });
    const first = post(frozen, 'woken');
    await arrived;
    age('woken');
    const second = await post(service.app, 'woken');
    fail();
    expect([second.statusCode, (await first).statusCode]).toEqual([202, 202]);
    const { id } = second.json();
    expect((await first).json().id).toBe(id);
    expect(await statusOf(id)).toBe(200);
    const again = await post(service.app, 'woken');
    expect([again.json().id, again.headers['idempotent-replayed']]).toEqual([id, 'true']);
    expect(await service.queue.position(id, 0)).not.toBeNull();
  });

  test('takes its job back when nobody else counts on it: the same key makes another one, and nothing is left of the first', async () => {
    const { queue, arrived, fail } = refusing(service.queue);
    const before = folders();
    const first = post(await openOther(service, { queue }), 'taken-back');
    await arrived;
    const [withdrawn] = folders().filter((id) => !before.includes(id));
    fail();
    expect((await first).statusCode).toBe(503);
    const second = await post(service.app, 'taken-back');
    expect([second.statusCode, second.json().id === withdrawn]).toEqual([202, false]);
    expect([await statusOf(withdrawn!), await statusOf(second.json().id)]).toEqual([404, 200]);
    expect([...folders(), ...readdirSync(join(service.dataDir, 'unfinished'))].join()).not.toContain(withdrawn);
  });
});

/** One request is stopped at its n-th write, for every n, while the other does all of its work. */
describe('of two requests under one key, of which the first takes its job back', () => {
  test.each(['first', 'second'] as const)('the job that is accepted stays, wherever the %s one is held up', async (which) => {
    for (let n = 1; ; n++) {
      const key = `${which}-${n}`;
      const held = holdBlobs(service.blobs);
      const { queue, arrived, fail } = refusing(service.queue);
      const first = await openOther(service, which === 'first' ? { queue, blobs: held.blobs } : { queue });
      const second = which === 'second' ? await openOther(service, { blobs: held.blobs }) : service.app;
      const taking = post(first, key);
      await arrived;
      age(key);
      const stopped = held.holdAt(n);
      let accepting: ReturnType<typeof post>;
      let isOver: boolean;
      if (which === 'first') {
        fail();
        isOver = await Promise.race([stopped.then(() => false), taking.then(() => true)]);
        accepting = post(second, key);
        await accepting;
        held.release();
      } else {
        accepting = post(second, key);
        isOver = await Promise.race([stopped.then(() => false), accepting.then(() => true)]);
        fail();
        await taking;
        held.release();
      }
      const answers = [await taking, await accepting];
      for (const { statusCode } of answers) expect([202, 409, 503], key).toContain(statusCode);
      const ids = new Set(answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json().id));
      expect(ids.size, key).toBeLessThan(2);
      for (const id of ids) expect(await statusOf(id), key).toBe(200);
      if (isOver) return;
      expect(n).toBeLessThan(100);
    }
  });
});

describe('a request that was killed at any of its writes', () => {
  test('keeps nobody from the same key: it gives 202, and one job', async () => {
    for (let n = 1; ; n++) {
      const key = `killed-${n}`;
      const before = folders();
      const held = holdBlobs(service.blobs);
      const dying = await openOther(service, { blobs: held.blobs });
      const died = held.holdAt(n);
      const answer = post(dying, key);
      if (await Promise.race([died.then(() => false), answer.then(() => true)])) return;
      if (readdirSync(join(service.dataDir, 'idempotency')).includes(createHash('sha256').update(key).digest('hex'))) age(key);
      const second = await post(service.app, key);
      expect([key, second.statusCode]).toEqual([key, 202]);
      expect(folders().filter((id) => !before.includes(id))).toEqual([second.json().id]);
      // It was slow, not dead: it says the same.
      held.release();
      expect([202, 409], key).toContain((await answer).statusCode);
      if ((await answer).statusCode === 202) expect((await answer).json().id).toBe(second.json().id);
      expect(folders().filter((id) => !before.includes(id))).toEqual([second.json().id]);
      expect(await statusOf(second.json().id)).toBe(200);
      expect(n).toBeLessThan(100);
    }
  });
});

const cancelled = async (): Promise<string> => {
  const { id } = (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json();
  await service.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` });
  return id;
};

describe('of a DELETE and a retry at the same time exactly one comes to pass', () => {
  const retry = (app: App, id: string) => app.inject({ method: 'POST', url: `/v1/jobs/${id}/retry` });
  const remove = (app: App, id: string) => app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });

  async function judge(id: string, retried: number, removed: number): Promise<void> {
    expect([
      [202, 409],
      [404, 204],
    ]).toContainEqual([retried, removed]);
    expect(await statusOf(id)).toBe(retried === 202 ? 200 : 404);
    expect(folders().includes(id)).toBe(retried === 202);
    if (retried === 202) expect(await service.queue.position(id, 1)).not.toBeNull();
  }

  test('fifty times, at two APIs', { timeout: 60_000 }, async () => {
    const other = await openOther(service, {});
    const ids = await Promise.all(Array.from({ length: 50 }, cancelled));
    const answers = await Promise.all(
      ids.map(async (id, n) => {
        const asks = n % 2 === 0 ? [retry(other, id), remove(service.app, id)] : [remove(service.app, id), retry(other, id)];
        const codes = (await Promise.all(asks)).map(({ statusCode }) => statusCode);
        return n % 2 === 0 ? codes : codes.reverse();
      }),
    );
    expect(answers).toHaveLength(50);
    for (const [n, [retried, removed]] of answers.entries()) await judge(ids[n]!, retried!, removed!);
  });

  test.each(['DELETE', 'retry'] as const)('wherever the %s is held up', async (which) => {
    const held = holdBlobs(service.blobs);
    const slow = await openOther(service, { blobs: held.blobs });
    for (let n = 1; ; n++) {
      expect(n).toBeLessThan(100);
      const id = await cancelled();
      const stopped = held.holdAt(n);
      const late = which === 'DELETE' ? remove(slow, id) : retry(slow, id);
      const isOver = await Promise.race([stopped.then(() => false), late.then(() => true)]);
      const early = which === 'DELETE' ? await retry(service.app, id) : await remove(service.app, id);
      held.release();
      const codes = [(await late).statusCode, early.statusCode];
      if (isOver) return;
      await judge(id, ...((which === 'retry' ? codes : codes.reverse()) as [number, number]));
    }
  });
});
