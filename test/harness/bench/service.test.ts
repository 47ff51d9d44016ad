import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { notBuilt } from '../../built.ts';

const run = promisify(execFile);
const BENCH = resolve('dist/harness/bench.js');

test.skipIf(notBuilt)('bench --service times cancels and POSTs of a service of its own, a line for each', async () => {
  const { stdout } = await run(process.execPath, [BENCH, '--service', '--posts', '3', '--cancels', '1']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ what, count }) => [what, count])).toEqual([
    ['cancel until the trainer is gone', 1],
    ['POST until 202, beside a training', 3],
  ]);
  for (const { median_ms, p95_ms, max_ms } of lines) {
    expect(median_ms).toBeGreaterThan(0);
    expect(p95_ms).toBeGreaterThanOrEqual(median_ms);
    expect(max_ms).toBeGreaterThanOrEqual(p95_ms);
  }
});
