import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { serve, submit, temporaryDataDir, untilJob } from '../epochd.ts';
import { trainersOf } from '../processes.ts';
import { ENDLESS } from '../small-jobs.ts';

const SECRETS = { AWS_SECRET_ACCESS_KEY: 'hush-1', FOO_TOKEN: 'hush-2', PGPASSWORD: 'hush-3' };
const PROXY = 'http://127.0.0.1:9';

test.skipIf(notBuilt !== null || process.platform !== 'linux')(
  "a training process has the worker's proxy, and none of its secrets and settings",
  { timeout: 120_000 },
  async () => {
    const dataDir = await temporaryDataDir();
    onTestFinished(() => dataDir.remove());
    const service = await serve(dataDir.path, { ...SECRETS, https_proxy: PROXY, EPOCHD_THREADS: '3' });
    onTestFinished(async () => void (await service.end('SIGTERM')));
    const id = await submit(service, ENDLESS);
    await untilJob(service.client, id, ({ progress }) => (progress?.epoch ?? 0) > 1);
    const [trainer] = trainersOf(service.process.pid);
    const environ = readFileSync(`/proc/${trainer}/environ`, 'utf8');
    expect(environ).toContain(`https_proxy=${PROXY}`);
    expect(environ).not.toMatch(/hush-|REDIS_URL|EPOCHD_/);
    expect(environ).not.toContain(dataDir.path);
  },
);
