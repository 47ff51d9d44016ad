import type { AddressInfo } from 'node:net';
import { isLoopback, urlOf } from '../config.ts';
import { buildApp } from '../http/app.ts';
import { openQueue } from '../queue/queue.ts';
import { openRuns } from '../runs/store.ts';
import type { Service } from './run-service.ts';
import { VERSION } from './version.ts';

/** Starts the API on the queue at `redisUrl`, and says on standard output where it listens. */
export async function startServiceApi({ config, log, keep }: Service, redisUrl: string): Promise<void> {
  const { host, port, dataDir, queueName } = config;
  const queue = await openQueue({ redisUrl, queueName });
  keep(() => queue.close());
  const runs = await openRuns(dataDir);
  const app = await buildApp({ runs, queue, dataDir, version: VERSION, log, loopbackOnly: isLoopback(host) });
  keep(() => app.close());
  await app.listen({ host, port });
  process.stdout.write(`epochd listens on ${urlOf(host, (app.server.address() as AddressInfo).port)}\n`);
}
