import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../src/service/redis-server.ts';
import { socketFolder } from '../../src/service/socket-folder.ts';
import { pidOfRedis } from '../epochd.ts';
import { temporaryFolder } from '../folders.ts';
import { isAlive } from '../processes.ts';

let dataDir: string;
let sockets: string;
let server: RedisServer | null = null;
let client: Redis | null = null;
const lines: string[] = [];
const log = pino({}, { write: (line) => void lines.push(line) });

beforeEach(async () => {
  lines.length = 0;
  dataDir = temporaryFolder();
  sockets = await socketFolder(dataDir);
});

afterEach(async () => {
  client?.disconnect();
  await server?.stop();
  server = null;
  client = null;
});

async function start(): Promise<Redis> {
  client?.disconnect();
  server = await startRedisServer(dataDir, sockets, log);
  client = new Redis(server.socket, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return client;
}

describe('the Redis that serve brings along', () => {
  test('keeps a log on disk, evicts nothing, and listens only on a socket of this user', async () => {
    const redis = await start();
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'everysec']);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'port')).toEqual(['port', '0']);
    expect((await stat(join(sockets, 'redis.sock'))).mode & 0o777).toBe(0o700);
  });

  test('begins anew when a power cut filled the end of its file with zeros, keeps the old one, and says so', async () => {
    await (await start()).set('kept', 'yes');
    client?.disconnect();
    await server?.stop();
    const file = join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.1.incr.aof');
    await appendFile(file, Buffer.alloc(100));
    const damaged = await readFile(file);
    expect(await (await start()).get('kept')).toBeNull();
    expect(lines.join()).toContain('the queue is made again from the runs');
    expect(await readFile(join(dataDir, 'redis', 'damaged', 'appendonly.aof.1.incr.aof'))).toEqual(damaged);
  });

  test('ends with stop, and has everything again at the next start', async () => {
    const redis = await start();
    await redis.set('kept', 'yes');
    const pid = await pidOfRedis(dataDir);
    client?.disconnect();
    await server?.stop();
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await (await start()).get('kept')).toBe('yes');
    expect(lines).toEqual([]);
  });

  test('is started again when it is killed', async () => {
    const redis = await start();
    await redis.set('kept', 'yes');
    const first = await pidOfRedis(dataDir);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('redis answers again');
    expect(await redis.get('kept')).toBe('yes');
    expect(await pidOfRedis(dataDir)).not.toBe(first);
  });

  test('that outlived a killed service is found, not started a second time', async () => {
    await start();
    const first = await pidOfRedis(dataDir);
    const before = server;
    await start();
    expect(await pidOfRedis(dataDir)).toBe(first);
    await server?.stop();
    await before?.stop();
    expect(isAlive(first)).toBe(false);
  });

  test('says its last words when it cannot start', async () => {
    await rm(join(dataDir, 'redis'), { recursive: true, force: true });
    await start();
    await server?.stop();
    await writeFile(join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
    await expect(startRedisServer(dataDir, sockets, log)).rejects.toThrow(
      /redis-server ended with 1 before it answered on .*\n.*[Ii]nvalid/s,
    );
    server = null;
  });
});
