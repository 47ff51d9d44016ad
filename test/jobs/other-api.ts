import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import type { Service } from '../http/service.ts';

/** A second API over the same data folder and the same queue. */
export async function openOther({ blobs, queue, dataDir }: Service, options: Partial<AppOptions>): Promise<Service['app']> {
  const log = pino({ level: 'silent' });
  const app = await buildApp({ blobs, queue, dataDir, version: '0.0.0', log, loopbackOnly: true, ...options });
  onTestFinished(() => app.close());
  return app;
}
