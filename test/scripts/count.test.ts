import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countTests } from '../../scripts/test/count.mjs';
import { temporaryFolder } from '../folders.ts';
import { checkout, writeFiles } from './stand-in.ts';

/** Runs vitest on these test files and counts. */
function count(files: Record<string, string>) {
  const root = temporaryFolder();
  const report = join(root, 'report.json');
  const api = JSON.stringify(join(checkout, 'node_modules/vitest/dist/index.js'));
  writeFiles(root, Object.fromEntries(Object.entries(files).map(([name, body]) => [name, `import { expect, it } from ${api};\n${body}`])));
  const vitest = join(checkout, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--root', root, '--reporter=json', `--outputFile=${report}`]);
  return countTests(report, status);
}

it('counts passed, failed and skipped tests, not files', () => {
  const body = `it('a', () => {}); it('b', () => {}); it('c', () => expect(1).toBe(2)); it.skip('d', () => {}); it.todo('e');`;
  expect(count({ 'some.test.js': body })).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

it('counts a test file that cannot be loaded, and an error outside of any test, as failed', () => {
  expect(count({ 'good.test.js': `it('a', () => {});`, 'bad.test.js': `import './missing.js';` })).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
  const unhandled = `it('a', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((r) => setTimeout(r, 50)); });`;
  expect(count({ 'late.test.js': unhandled })).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

it('counts a run that left no report as failed', () => {
  expect(countTests(join(temporaryFolder(), 'none.json'), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
