import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('ships the WebAssembly that its sources give', () => {
  expect(() => execFileSync(process.execPath, ['core/build.mjs', '--check'], { stdio: 'pipe' })).not.toThrow();
}, 120_000);
