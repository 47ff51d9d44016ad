import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { socketAddress } from '../../scripts/redis-address.mjs';
import { buildApp } from '../http/app.ts';
import { openApiYaml } from '../http/openapi.ts';
import { openQueue } from '../queue/queue.ts';
import { openFolder } from '../storage/folder.ts';
import { VERSION } from '../version.ts';

/** The app is built for its routes alone: nothing listens, and the Redis that is not there is never asked. */
export async function renderOpenApi(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'epochd-openapi-'));
  const queue = await openQueue({ redis: socketAddress(join(dataDir, 'redis.sock')), queueName: 'epochd' });
  const log = pino({ level: 'silent' });
  const app = await buildApp({ blobs: await openFolder(dataDir), queue, dataDir, version: VERSION, log, loopbackOnly: true });
  const yaml = openApiYaml(app);
  await app.close();
  await queue.close();
  await rm(dataDir, { recursive: true });
  return yaml;
}
