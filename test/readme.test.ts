import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from '../src/config/config.ts';

const root = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string> };

test('the configuration table is that of src/config/config.ts', () => {
  const rows = SETTINGS.map(({ name, default: fallback, meaning }) => `| \`${name}\` | ${fallback} | ${meaning.replaceAll('|', '\\|')} |`);
  expect(readme).toContain(['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n'));
});

test('every npm script that is named exists', () => {
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !scripts[name])).toEqual([]);
});

test('every file that is linked or passed exists', () => {
  const files = [...readme.matchAll(/\]\(((?!http)[^)]+)\)|(examples\/[\w.-]+)|(test\/faults)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  expect(files.length).toBeGreaterThan(8);
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
