import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { diagnose, formatDiagnosis } from '../../scripts/doctor.mjs';
import { temporaryFolder } from '../folders.ts';
import { runScript, standInCheckout } from './stand-in.ts';

/** A port that something listens on. */
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`expected a port, found ${address}`);
  return address.port;
}

/** The diagnosis of a checkout in which nothing is set up. */
function diagnoseBare(env: NodeJS.ProcessEnv) {
  const root = temporaryFolder();
  return diagnose({ env: { PATH: root, EPOCHD_CACHE_DIR: root, ...env }, root });
}

async function examine(name: string, env: NodeJS.ProcessEnv) {
  return (await diagnoseBare(env)).find((row) => row.name === name);
}

it('lists what is missing with the command that gets it, and exits 1', async () => {
  const standIn = standInCheckout();
  const { code, stdout } = await runScript(standIn, 'doctor.mjs');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✓ Node +\d+\./m);
  expect(stdout).toMatch(/^✗ npm packages +not installed\n +needed: .*\n +to get it: npm ci$/m);
  expect(stdout).toMatch(/^✓ Redis .*redis-server$/m);
  expect(stdout).toMatch(
    /^- core engine +not compiled: WebAssembly is used\n.*\n +to get it: (sudo )?apt-get install -y g\+\+ && node scripts\/setup.mjs$/m,
  );
  expect(stdout).toMatch(/^- TensorFlow library .*\n.*\n +to get it: node scripts\/setup.mjs --tensorflow=cpu$/m);
  expect(stdout).toMatch(/^- g\+\+ .*\n.*\n +to get it: (sudo )?apt-get update && (sudo )?apt-get install -y g\+\+$/m);
  expect(stdout).toMatch(/^- GPU .*\n +optional: /m);
});

it('says of everything what was found, what is needed and what mends it', async () => {
  const rows = await diagnose();
  const names = [
    'Node',
    'npm packages',
    'build',
    'core engine',
    'TensorFlow library',
    'TensorFlow binding',
    'TensorFlow',
    'python3',
    'pip',
    'g++',
  ];
  expect(rows.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...names, 'GPU', 'imdb.npz', 'data folder', 'cache folder', 'port']),
  );
  for (const { found, needed, mend } of rows) for (const text of [found, needed, mend]) expect(text).toMatch(/\S/);
});

it('finds the folder, the file and the port that the environment names', async () => {
  const data = temporaryFolder();
  const port = String(await listen());
  expect(await examine('data folder', { EPOCHD_DATA_DIR: join(data, 'not/yet') })).toMatchObject({ ok: true });
  expect(await examine('data folder', { EPOCHD_DATA_DIR: '/proc/epochd' })).toMatchObject({ ok: false });
  expect(await examine('imdb.npz', { EPOCHD_IMDB_PATH: join(data, 'imdb.npz') })).toMatchObject({ ok: false, optional: true });
  expect(await examine('imdb.npz', { EPOCHD_IMDB_PATH: data })).toMatchObject({ ok: true, found: data });
  expect(await examine('port', { EPOCHD_PORT: port })).toMatchObject({ ok: false, found: expect.stringContaining('EADDRINUSE') });
  expect(await examine('port', { EPOCHD_PORT: '0' })).toMatchObject({ ok: true });
  expect(await examine('port', { EPOCHD_PORT: 'http' })).toMatchObject({ ok: false });
});

it('connects to REDIS_URL instead of looking for a server, and keeps the password to itself', async () => {
  const port = await listen();
  const rows = await diagnoseBare({ REDIS_URL: `redis://user:secret@127.0.0.1:${port}` });
  expect(rows.find(({ name }) => name === 'REDIS_URL')).toMatchObject({ ok: true, found: `127.0.0.1:${port} answers` });
  expect(rows.find(({ name }) => name === 'Redis')).toBeUndefined();
  expect(formatDiagnosis(rows)).not.toContain('secret');
  expect(await examine('REDIS_URL', { REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject({ ok: false });
  expect(await examine('REDIS_URL', { REDIS_URL: 'nonsense' })).toMatchObject({ ok: false });
});

it('needs neither a compiler nor TensorFlow nor what gets it', async () => {
  const needed = (await diagnoseBare({})).filter(({ ok, optional }) => !ok && !optional);
  expect(needed.map(({ name }) => name)).toEqual(['npm packages', 'build', 'Redis']);
});
