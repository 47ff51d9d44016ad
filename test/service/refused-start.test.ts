import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { type DataDir, epochd, temporaryDataDir } from '../epochd.ts';
import { freePort } from '../free-port.ts';
import { startRedis } from '../redis.ts';

describe.skipIf(notBuilt)('a service that cannot start says why in a sentence, and ends', () => {
  let dataDir: DataDir;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
  });
  afterEach(() => dataDir.remove());

  test.each(['serve', 'api', 'worker'])('%s: the data folder is a file', async (command) => {
    const file = join(dataDir.path, 'file');
    await writeFile(file, '');
    const env = { EPOCHD_DATA_DIR: join(file, 'data'), REDIS_URL: 'unix:///nowhere.sock', EPOCHD_PORT: '0' };
    const stderr = expect.stringMatching(
      /^epochd: EPOCHD_DATA_DIR=.*\/file\/data: expected a folder that this user can write to \(ENOTDIR.*\)\n$/,
    );
    expect(await epochd([command], env)).toEqual({ code: 2, stdout: '', stderr });
  });

  test('a worker: Redis refuses its password, which nobody gets to read', async () => {
    const port = await freePort();
    const redis = await startRedis({ port: String(port) });
    const env = { EPOCHD_DATA_DIR: dataDir.path, REDIS_URL: `redis://ann:hunter2@127.0.0.1:${port}`, EPOCHD_LOG_LEVEL: 'error' };
    const { code, stderr } = await epochd(['worker'], env);
    await redis.stop();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^epochd: Redis refuses this worker: WRONGPASS .*\n$/) });
    expect(stderr).not.toContain('hunter2');
  });

  test.each(['api', 'worker'])('%s: the password makes a URL of REDIS_URL that nobody can read', async (command) => {
    const { code, stdout, stderr } = await epochd([command], {
      EPOCHD_DATA_DIR: dataDir.path,
      REDIS_URL: 'redis://:hunt/er@2@127.0.0.1:9',
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      'REDIS_URL="redis://[redacted]@127.0.0.1:9": expected host:port, with an IPv6 address in brackets; in a password',
    );
    expect(stderr).not.toContain('hunt');
  });
});
