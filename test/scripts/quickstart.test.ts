import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { formatHistory } from '../../scripts/quickstart/history.mjs';
import { startService } from '../../scripts/quickstart/service.mjs';
import { createContext } from '../../scripts/setup/context.mjs';
import { type StandIn, standInCheckout, startScript, writeFiles } from './stand-in.ts';

/** Stands in for epochd: serves one job that ends in JOB_STATE, and says in its data folder how often it was asked to stop. */
const main = `
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
const [command, id] = process.argv.slice(2);
if (command === 'follow') {
  console.log('following ' + id + ' at ' + process.env.EPOCHD_URL);
  if (process.env.JOB_STATE === 'running') setInterval(() => {}, 1000);
} else {
  if (process.env.FAULT) { console.error(process.env.FAULT); process.exit(1); }
  const history = { epoch: [1, 2], history: { loss: [0.7, 0.65], val_loss: [0.69, null] } };
  const answers = { '/readyz': {}, '/v1/jobs': { id: 'job_1' }, '/v1/jobs/job_1': { id: 'job_1', state: process.env.JOB_STATE }, '/v1/jobs/job_1/history': history };
  const server = createServer((request, response) => response.end(JSON.stringify(answers[request.url])));
  let signals = 0;
  process.on('SIGTERM', () => { signals += 1; writeFileSync(process.env.EPOCHD_DATA_DIR + '/signals', String(signals)); setTimeout(process.exit, 100); });
  const hold = () => setInterval(() => writeFileSync(process.env.EPOCHD_DATA_DIR + '/starting', ''), 50);
  const listen = () => server.listen(Number(process.env.EPOCHD_PORT), '127.0.0.1', () => console.log('epochd listens on http://127.0.0.1:' + server.address().port));
  process.env.HOLD ? hold() : listen();
}
`;

/** Stands in for the set-up of TensorFlow, which this test is not about. */
const setUp = 'export const setUp = async () => {}; export const chooseVariant = () => "cpu";';

function quickstartCheckout(env: Record<string, string>): StandIn {
  const standIn = standInCheckout();
  writeFiles(standIn.root, {
    'dist/main.js': main,
    'scripts/setup/set-up.mjs': setUp,
    'examples/seed.json': '{"dataset":{"source":"imdb-mini"}}',
  });
  return { ...standIn, env: { ...standIn.env, EPOCHD_PORT: '0', ...env } };
}

/** A second signal would end epochd without handing its training over. */
const signalsSent = ({ root }: StandIn) => readFileSync(join(root, 'data/signals'), 'utf8');

describe('quickstart', () => {
  it('POSTs the job, follows it, shows the history and where everything is, and with --once stops', async () => {
    const standIn = quickstartCheckout({ JOB_STATE: 'succeeded' });
    const { code, stdout } = await startScript(standIn, 'quickstart.mjs', '--once').ended;
    const [, url] = /epochd is up: (\S+)/.exec(stdout) ?? [];
    expect(stdout).toContain(`POST ${url}/v1/jobs\n{"dataset":{"source":"imdb-mini"}}`);
    expect(stdout).toContain(`following job_1 at ${url}`);
    expect(stdout).toContain('epoch    loss  val_loss\n    1  0.7000    0.6900\n    2  0.6500         -');
    for (const path of ['/v1/jobs/job_1/checkpoints/best/model?format=tfjs', '/v1/jobs/job_1/curves.svg', '/docs'])
      expect(stdout).toContain(url + path);
    expect(signalsSent(standIn)).toBe('1');
    expect(code).toBe(0);
  });

  it('exits 1 when the job did not succeed', async () => {
    const { code, stdout } = await startScript(quickstartCheckout({ JOB_STATE: 'failed' }), 'quickstart.mjs', '--once').ended;
    expect(stdout).toContain('job_1 failed');
    expect(code).toBe(1);
  });

  it('stays up until Ctrl-C and then stops what it started', async () => {
    const standIn = quickstartCheckout({ JOB_STATE: 'succeeded' });
    const { child, printed, ended } = startScript(standIn, 'quickstart.mjs');
    await vi.waitUntil(() => printed.stdout.includes('Ctrl-C stops it'), { timeout: 20_000 });
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(signalsSent(standIn)).toBe('1');
  });

  it('is stopped by Ctrl-C in the middle of the training', async () => {
    const standIn = quickstartCheckout({ JOB_STATE: 'running' });
    const { child, printed, ended } = startScript(standIn, 'quickstart.mjs');
    await vi.waitUntil(() => printed.stdout.includes('following'), { timeout: 20_000 });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(signalsSent(standIn)).toBe('1');
  });

  it('is stopped by Ctrl-C before epochd listens, and blames nothing', async () => {
    const standIn = quickstartCheckout({ HOLD: 'true' });
    const { child, ended } = startScript(standIn, 'quickstart.mjs');
    await vi.waitUntil(() => existsSync(join(standIn.root, 'data/starting')), { timeout: 20_000 });
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(signalsSent(standIn)).toBe('1');
  });

  it('takes a free port when the wanted one is taken, and says so', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const taken = typeof address === 'object' ? address?.port : undefined;
    const standIn = quickstartCheckout({ JOB_STATE: 'succeeded', EPOCHD_PORT: String(taken) });
    const { code, stdout, stderr } = await startScript(standIn, 'quickstart.mjs', '--once').ended;
    expect(stderr).toContain(`Port ${taken} cannot be listened on (EADDRINUSE): taking a free one.`);
    expect(stdout).not.toContain(`epochd is up: http://127.0.0.1:${taken}`);
    expect(code).toBe(0);
  });

  it('shows why epochd did not start', async () => {
    const { code, stderr } = await startScript(quickstartCheckout({ FAULT: 'the disk is on fire' }), 'quickstart.mjs', '--once').ended;
    expect(stderr).toContain('✗ epochd serve ended before it listened. Its last words:\nthe disk is on fire');
    expect(code).toBe(1);
  });
});

it('a service that was started is stopped for good', async () => {
  const { root, env } = quickstartCheckout({ JOB_STATE: 'succeeded' });
  const ctx = { ...createContext({ env, root }), data: join(root, 'data') };
  const service = (await startService(ctx, new AbortController().signal)) ?? expect.fail('it was not interrupted');
  expect((await fetch(`${service.url}/readyz`)).ok).toBe(true);
  await service.stop();
  await expect(fetch(`${service.url}/readyz`)).rejects.toThrow('fetch failed');
});

it('formats a history of metrics of any size in columns', () => {
  const table = formatHistory({ epoch: [9, 10], history: { loss: [12.5, 0.25], learning_rate: [0.0001, 0] } });
  expect(table).toBe('epoch     loss  learning_rate\n    9  12.5000        1.00e-4\n   10   0.2500         0.0000');
});
