import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/* Several redis-servers that watch each other. */

export interface Crew {
  /** For REDIS_URL. */
  readonly url: string;
  /** Kills the server that holds the queue, as a crash does. */
  killPrimary(): Promise<void>;
  /** Says of each server what `INFO keyspace` says. */
  stop(): Promise<void>;
}

const PREFIX = '{epochd}';

/** A primary, a replica and three sentinels. */
export async function startSentinels(): Promise<Crew> {
  const servers = openServers();
  const [primary, replica, ...sentinels] = await Promise.all(Array.from({ length: 5 }, freePort));
  if (!primary || !replica) throw new Error('expected free ports');
  await servers.start(primary);
  await servers.start(replica, { replicaof: `127.0.0.1 ${primary}` });
  for (const port of sentinels) {
    const lines = [
      `port ${port}`,
      `sentinel monitor main 127.0.0.1 ${primary} 2`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 3000',
    ];
    await servers.startSentinel(port, lines);
  }
  await until(() => servers.isLinked(replica), 'the replica follows');
  await until(async () => {
    const seen = await Promise.all(sentinels.map((port) => servers.ask(port, 'sentinel', ['master', 'main'])));
    return seen.every((reply) => /num-other-sentinels,2/.test(String(reply)) && /num-slaves,1/.test(String(reply)));
  }, 'the sentinels know each other');
  return {
    url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/main`,
    killPrimary: () => servers.kill(primary),
    stop: servers.stop,
  };
}

/** Three primaries with a replica each. */
export async function startCluster(): Promise<Crew> {
  const servers = openServers();
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const [first = 0, ...others] = ports;
  for (const port of ports) {
    // The bus listens on a port of its own, by default 10000 above, which may not exist.
    await servers.start(port, { 'cluster-enabled': 'yes', 'cluster-node-timeout': '1500', 'cluster-port': String(await freePort()) });
  }
  const ranges = [0, 5461, 10_923, 16_384];
  for (const index of [0, 1, 2]) {
    await servers.ask(ports[index] ?? 0, 'cluster', ['ADDSLOTSRANGE', String(ranges[index]), String((ranges[index + 1] ?? 0) - 1)]);
  }
  for (const [index, port] of ports.entries()) await servers.ask(port, 'cluster', ['SET-CONFIG-EPOCH', String(index + 1)]);
  const busOf = async (port: number): Promise<string> =>
    String(await servers.ask(port, 'config', ['GET', 'cluster-port'])).split(',')[1] ?? '';
  for (const port of others) await servers.ask(first, 'cluster', ['MEET', '127.0.0.1', String(port), await busOf(port)]);
  const ids = await Promise.all(ports.map((port) => servers.ask(port, 'cluster', ['MYID'])));
  for (const index of [3, 4, 5]) {
    await until(
      () =>
        servers.ask(ports[index] ?? 0, 'cluster', ['REPLICATE', String(ids[index - 3])]).then(
          () => true,
          () => false,
        ),
      'a replica has joined',
    );
  }
  await until(async () => {
    const states = await Promise.all(ports.map((port) => servers.ask(port, 'cluster', ['INFO'])));
    return states.every((state) => /cluster_state:ok[^]*cluster_known_nodes:6/.test(String(state)));
  }, 'the Cluster is whole');
  for (const port of ports.slice(3)) await until(() => servers.isLinked(port), 'each replica follows');
  return {
    url: `redis+cluster://${ports
      .slice(0, 3)
      .map((port) => `127.0.0.1:${port}`)
      .join(',')}`,
    async killPrimary() {
      const slot = Number(await servers.ask(first, 'cluster', ['KEYSLOT', PREFIX]));
      await servers.kill(ports[ranges.slice(1).findIndex((end) => slot < end)] ?? 0);
    },
    stop: servers.stop,
  };
}

function openServers() {
  const running = new Map<number, ChildProcess>();
  const folders: string[] = [];
  const launch = async (port: number, args: (folder: string) => Promise<string[]>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'epochd-crew-'));
    folders.push(folder);
    const child = spawn('redis-server', await args(folder), { stdio: 'ignore' });
    running.set(port, child);
    await until(
      () =>
        ask(port, 'ping', []).then(
          () => true,
          () => false,
        ),
      `the server on port ${port} answers`,
    );
  };
  const ask = async (port: number, command: string, args: string[]): Promise<unknown> => {
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => null, enableReadyCheck: false, protocol: 2 });
    client.on('error', () => undefined);
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  };
  const kill = async (port: number): Promise<void> => {
    const child = running.get(port);
    running.delete(port);
    if (!child) throw new Error(`no server on port ${port}`);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return {
    ask,
    kill,
    /** Whether a replica has all that its primary has. */
    isLinked: async (port: number): Promise<boolean> => /master_link_status:up/.test(String(await ask(port, 'info', ['replication']))),
    start: (port: number, settings: Record<string, string> = {}) =>
      launch(port, async (folder) =>
        Object.entries({ port: String(port), dir: folder, save: '', appendonly: 'yes', ...settings }).flatMap(([name, value]) => [
          `--${name}`,
          ...value.split(' '),
        ]),
      ),
    startSentinel: (port: number, lines: readonly string[]) =>
      launch(port, async (folder) => {
        const file = join(folder, 'sentinel.conf');
        await writeFile(file, [...lines, `dir ${folder}`].join('\n'));
        return [file, '--sentinel'];
      }),
    async stop(): Promise<void> {
      await Promise.all([...running.keys()].map(kill));
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
