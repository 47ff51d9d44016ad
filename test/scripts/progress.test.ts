import { expect, it } from 'vitest';
import { createProgress } from '../../scripts/setup/progress.mjs';

function recordProgress(isTTY: boolean, total: number | undefined, shown: readonly number[]): string {
  let text = '';
  const progress = createProgress('a wheel', { isTTY, write: (chunk: string) => (text += chunk) });
  if (total) progress.expect(total);
  for (const bytes of shown) progress.show(bytes);
  progress.finish();
  return text;
}

it('moves a bar on a terminal and ends it with the whole', () => {
  const frames = recordProgress(true, 200e6, [0, 100e6])
    .split('\r')
    .map((frame) => frame.trim());
  expect(frames).toEqual([
    '',
    'a wheel [..............................] 0/200 MB',
    'a wheel [###############...............] 100/200 MB',
    'a wheel [##############################] 200/200 MB',
  ]);
});

it('never goes back while pip moves the file it has downloaded', () => {
  expect(recordProgress(true, 200e6, [150e6, 0])).not.toMatch(/150\/200[^]* 0\/200/);
});

it('prints a line for every tenth elsewhere, so that a log stays short', () => {
  const shown = Array.from({ length: 500 }, (_, at) => at * 0.4e6);
  expect(recordProgress(false, 200e6, shown).trim().split('\n')).toHaveLength(10);
});

it('shows megabytes alone as long as the total is not known', () => {
  expect(recordProgress(true, undefined, [5e6])).toBe('\r    a wheel 5 MB \n');
});
