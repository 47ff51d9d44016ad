import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAIN, notBuilt } from '../built.ts';
import { type DataDir, epochd, type ServedService, serve, submit, temporaryDataDir } from '../epochd.ts';
import { ENDLESS, SMALL } from '../small-jobs.ts';

describe.skipIf(notBuilt)('the commands at a running service', () => {
  let dataDir: DataDir;
  let service: ServedService;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    service = await serve(dataDir.path, { EPOCHD_IMDB_PATH: join(dataDir.path, 'no-such.npz') });
    env = { EPOCHD_URL: service.url };
  });

  afterAll(async () => {
    await service?.end('SIGTERM');
    await dataDir.remove();
  });

  test('submit, list, get, retry, delete', async () => {
    const submitted = await epochd(['submit', 'examples/smoke.json', '--follow'], env);
    const id = submitted.stdout.split('\n')[0] ?? '';
    expect(submitted).toMatchObject({ code: 0, stdout: expect.stringContaining('Epoch 2/2\n') });
    const [table, json, text, gotJson, retried] = await Promise.all(
      [
        ['list', '--state', 'succeeded'],
        ['list', '--json'],
        ['get', id],
        ['get', id, '--json'],
        ['retry', id],
      ].map((args) => epochd(args, env)),
    );
    expect(table?.stdout).toMatch(new RegExp(`^ID .*\n${id}  succeeded  2/2 .* smoke\n$`));
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({ data: [{ id }], has_more: false });
    expect(text?.stdout).toMatch(/^state +succeeded \(completed\)$/m);
    expect(JSON.parse(gotJson?.stdout ?? '')).toMatchObject({ id, state: 'succeeded' });
    expect(retried).toMatchObject({ code: 1, stderr: expect.stringContaining('only a failed or cancelled job') });
    expect(await epochd(['delete', id], env)).toEqual({ code: 0, stdout: `${id} is deleted\n`, stderr: '' });
    expect(await epochd(['get', id], env)).toEqual({ code: 1, stdout: '', stderr: `epochd: no job "${id}"\n` });
  });

  test('an invalid spec is refused with each pointer', async () => {
    const spec = JSON.stringify({ ...SMALL, training: { epochs: 0, batchsize: 3 } });
    const { code, stdout, stderr } = await epochd(['submit', '-'], env, spec);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('\n  /training/epochs: ');
    expect(stderr).toMatch(/\n {2}\/training\/batchsize: .*batch_size/);
  });

  test('a training that fails makes the follower fail, with the reason', async () => {
    const spec = JSON.stringify({ ...SMALL, dataset: { source: 'imdb' } });
    const { code, stdout } = await epochd(['submit', '-', '--follow'], env, spec);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ failed: .*EPOCHD_IMDB_PATH must name a copy.*\(dataset_missing\)\n$/);
    expect(stdout).not.toContain('no-such.npz');
    expect(service.said.stderr).toContain('no-such.npz');
  });

  test('Ctrl-C detaches from a training that goes on', async () => {
    const id = await submit(service, ENDLESS);
    const follower = spawn(process.execPath, [MAIN, 'follow', id, '--url', service.url], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    follower.stderr.on('data', (chunk) => (said += chunk));
    await once(follower.stdout, 'data');
    follower.kill('SIGINT');
    await once(follower, 'close');
    expect({ code: follower.exitCode, said }).toEqual({
      code: 130,
      said: `\ndetached: the job goes on. Come back with: epochd follow ${id}\n`,
    });
    expect((await service.client.get(id)).is_terminal).toBe(false);
    await service.client.cancel(id);
  });

  test('the log is JSON lines that name the request, the job and the worker', async () => {
    const lines = service.said.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const named = (...names: string[]) => lines.filter((line) => names.every((name) => typeof line[name] === 'string'));
    expect(named('job_id', 'worker_id').length).toBeGreaterThan(3);
    expect(named('job_id', 'request_id').length).toBeGreaterThan(3);
  });
});
