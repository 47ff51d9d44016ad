import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { type DataDir, epochd, type ServedService, serve, submit, temporaryDataDir, untilJob } from '../epochd.ts';
import { freePort } from '../free-port.ts';
import { startRedis } from '../redis.ts';
import { type Crew, startCluster, startSentinels } from '../redis-crews.ts';
import { QUICK } from '../small-jobs.ts';

describe.skipIf(notBuilt)('a Redis of several servers', { timeout: 120_000 }, () => {
  let crew: Crew | undefined;
  let dataDir: DataDir | undefined;
  let service: ServedService | undefined;
  afterEach(async () => {
    await service?.end('SIGKILL');
    await crew?.stop();
    await dataDir?.remove();
    service = undefined;
  });

  test.each([
    ['three sentinels', startSentinels],
    ['a Cluster', startCluster],
  ])('%s: the server that holds the queue is killed, and every accepted job ends once', async (_, start) => {
    crew = await start();
    dataDir = await temporaryDataDir();
    service = await serve(dataDir.path, { REDIS_URL: crew.url });
    const served = service;
    const before = await Promise.all([1, 2, 3].map(() => submit(served, QUICK)));
    await crew.killPrimary();
    const after = [await submitAtLast(served), await submitAtLast(served)];
    for (const id of [...before, ...after]) {
      const { transitions } = await untilJob(served.client, id, ({ state }) => state === 'succeeded');
      expect(transitions.filter(({ to }) => to === 'succeeded')).toHaveLength(1);
    }
    await expect.poll(async () => (await fetch(`${served.url}/readyz`)).status, { timeout: 30_000 }).toBe(200);
    const complaints = served.said.stderr.split('\n').filter((line) => line.includes('"redis":'));
    expect(complaints.length).toBeLessThan(20);
    expect(await served.end('SIGTERM')).toBe(0);
  });

  test.each(['api', 'worker', 'serve'] as const)(
    '%s: the address of one server that belongs to a Cluster is refused in a sentence',
    async (command) => {
      const port = await freePort();
      const redis = await startRedis({ port: String(port), 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) });
      onTestFinished(() => redis.stop());
      dataDir = await temporaryDataDir();
      const REDIS_URL = `redis://127.0.0.1:${port}`;
      const { code, stdout, stderr } = await epochd([command], {
        EPOCHD_DATA_DIR: dataDir.path,
        EPOCHD_PORT: '0',
        EPOCHD_LOG_LEVEL: 'error',
        REDIS_URL,
      });
      const refusal = `epochd: REDIS_URL=${REDIS_URL} is a node of a Redis Cluster: expected redis+cluster:// before its host and port (rediss+cluster:// with TLS)\n`;
      // The worker of serve says it, in a process of its own.
      const rest = command === 'serve' ? 'epochd: the worker ended with 2 before it took jobs; why stands above\n' : '';
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${refusal}${rest}` });
    },
  );
});

/** Until the failover is through, jobs are refused by name, and none of these is accepted. */
async function submitAtLast(service: ServedService): Promise<string> {
  for (;;) {
    const response = await fetch(`${service.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(QUICK),
    });
    const body = (await response.json()) as { id: string; code: string };
    if (response.status === 202) return body.id;
    expect([response.status, body.code]).toEqual([503, 'queue_unavailable']);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
