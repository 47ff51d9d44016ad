import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { probeFolder } from '../../scripts/doctor/file-system.mjs';
import { MAIN, notBuilt } from '../built.ts';
import { type Fault, type FaultyFiles, faultyFiles, missingShim } from '../disks/faulty-files.ts';
import { mount, unmount, whyNoDisk } from '../disks/small-disk.ts';
import { type DataDir, epochd, NAMELESS, type ServedService, serve, temporaryDataDir } from '../epochd.ts';

const noDisk = whyNoDisk();
if (noDisk) console.warn(`SKIPPED: runs on a disk of their own: ${noDisk}`);

const JOB = JSON.stringify({ dataset: { source: 'imdb-mini' } });

describe.skipIf(notBuilt ?? missingShim)('a service on a file system', () => {
  let dataDir: DataDir;
  let files: FaultyFiles;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
    files = faultyFiles();
  });
  afterEach(() => dataDir.remove());

  test.each(['EPERM', 'ENOTSUP'] as const)('without hard links (%s) does not start, and says in a sentence what it needs', async (code) => {
    await files.fail(['link', code, dataDir.path]);
    const env = { ...files.env, EPOCHD_DATA_DIR: dataDir.path, REDIS_URL: 'unix:///nowhere.sock', EPOCHD_PORT: '0' };
    for (const command of code === 'EPERM' ? ['api', 'worker', 'serve'] : ['serve']) {
      const { code: exit, stderr } = await epochd([command], env);
      expect([exit, stderr]).toEqual([
        2,
        expect.stringMatching(/^epochd: EPOCHD_DATA_DIR=\S+: its file system has no hard links \(E\w+\): .*\n$/),
      ]);
    }
    expect(await readdir(dataDir.path)).toEqual(['runs']);
    const { stdout } = await epochd(['doctor'], env);
    expect(stdout).toMatch(/✗ data folder .* has no hard links/);
  });

  test('that loses its hard links while a service runs is not ready, and says why; nothing is answered with 500', async () => {
    const service = await serve(dataDir.path, files.env);
    await files.fail(['link', 'EPERM', dataDir.path]);
    const answers = await Promise.all([fetch(`${service.url}/readyz`), post(service)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(await answers[0]?.text()).toContain('without hard links (EPERM)');
    await files.fail();
    expect((await post(service)).status).toBe(202);
    await service.end('SIGTERM');
  });

  test.each(['EINVAL', 'ENOTSUP'] as const)('whose folders cannot be flushed (%s) and that has no unix sockets works', async (code) => {
    await files.fail(['fsync', code, dataDir.path], ['bind', 'EPERM', dataDir.path]);
    const service = await serve(dataDir.path, files.env);
    expect(service.said.stderr).toMatch(/it has no folders that are flushed to the disk \(E\w+\): a power cut may cost/);
    expect(service.said.stderr).toContain('it has no unix sockets (EPERM)');
    expect((await post(service)).status).toBe(202);
    const ready = await fetch(`${service.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: 'ready',
        warnings: [
          expect.stringMatching(/^it has no folders that are flushed to the disk \(E\w+\): a power cut may cost the newest files$/),
          'it has no unix sockets (EPERM): those of serve lie in the temporary folder',
        ],
      },
    ]);
    await service.end('SIGTERM');
  });
});

test.skipIf(notBuilt ?? missingShim)(
  'an API whose files cannot be used for a while answers 503 with Retry-After, never 500, and goes on afterwards',
  async () => {
    const dataDir = await temporaryDataDir();
    const files = faultyFiles();
    const service = await serve(dataDir.path, files.env);
    const { id } = (await (await post(service)).json()) as { id: string };
    for (const code of ['EACCES', 'EIO', 'ESTALE', 'EMFILE']) {
      await files.fail(...(['open', 'mkdir', 'scandir', 'link'] as const).map((call): Fault => [call, code, dataDir.path]));
      const answers = await Promise.all([
        post(service),
        post(service, { 'idempotency-key': code }),
        fetch(`${service.url}/v1/jobs/${id}`),
        fetch(`${service.url}/v1/jobs`),
        fetch(`${service.url}/readyz`),
      ]);
      expect(
        answers.map(({ status, headers }) => [status, headers.get('retry-after')]),
        code,
      ).toEqual(answers.map(() => [503, '2']));
      await files.fail();
      expect((await post(service, { 'idempotency-key': code })).status).toBe(202);
    }
    await service.end('SIGTERM');
    await dataDir.remove();
  },
);

describe.skipIf(notBuilt)('a service', () => {
  let dataDir: DataDir;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
  });
  afterEach(() => dataDir.remove());

  test('writes nothing that others can read, also into a folder that they can', async () => {
    await chmod(dataDir.path, 0o755);
    const service = await serve(dataDir.path);
    expect((await post(service)).status).toBe(202);
    await service.end('SIGTERM');
    const names = await readdir(dataDir.path, { recursive: true });
    expect(names).toContain('identity.json');
    const modes = await Promise.all(names.map(async (name) => [name, ((await stat(join(dataDir.path, name))).mode & 0o077).toString(8)]));
    expect(modes.filter(([, mode]) => mode !== '0')).toEqual([]);
  });

  test.skipIf(noDisk)('does not start when its runs lie on another disk than what is being written', async () => {
    const disk = mount('1m');
    try {
      await symlink(disk, join(dataDir.path, 'runs'));
      const { code, stderr } = await epochd(['api'], {
        EPOCHD_DATA_DIR: dataDir.path,
        REDIS_URL: 'unix:///nowhere.sock',
        EPOCHD_PORT: '0',
      });
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^epochd: EPOCHD_DATA_DIR=\S+: runs in it lies on another file system, .*\n$/),
      ]);
    } finally {
      unmount(disk);
    }
  });

  test('starts where TMPDIR and the data folder have long names', async () => {
    const long = join(dataDir.path, 'd'.repeat(100));
    await mkdir(long);
    const service = await serve(long, { TMPDIR: long });
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.end('SIGTERM');
  });

  const cannotSwitch = whyNotSwitch();
  if (cannotSwitch) console.warn(`SKIPPED: a user without a name: ${cannotSwitch}`);

  test.skipIf(cannotSwitch).each([{ HOME: '/' }, { HOME: undefined }, { HOME: '/nonexistent' }])(
    'starts for a user without a name, with %j',
    async (home) => {
      execFileSync('chown', ['54321', dataDir.path]);
      const service = await serve(dataDir.path, home, 'serve', MAIN, NAMELESS);
      expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
      expect((await post(service)).status).toBe(202);
      await service.end('SIGTERM');
      await rm(join(dataDir.path, 'sockets'), { recursive: true, force: true });
    },
  );
});

test('a probe leaves nothing behind, and finds nothing wrong here', async () => {
  const dataDir = await temporaryDataDir();
  const probe = await probeFolder(dataDir.path);
  expect([probe.lacks, probe.apart, await readdir(dataDir.path)]).toEqual([[], [], []]);
  await dataDir.remove();
});

const post = ({ url }: ServedService, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JOB });

/** The child must also be able to read this checkout. */
function whyNotSwitch(): string | null {
  if (process.getuid?.() !== 0) return 'only root can start a process as one';
  try {
    execFileSync('setpriv', ['--reuid', '54321', '--regid', '54321', '--clear-groups', process.execPath, MAIN, '--version'], {
      stdio: 'pipe',
    });
    return null;
  } catch (error) {
    return `uid 54321 cannot run ${MAIN} (${(error as Error).message.trim()})`;
  }
}
