import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Changes that a release made, and what a decision found, name files as they were then. */
const OF_THE_PAST = ['CHANGELOG.md'];

const isPage = (name: string): boolean => name.endsWith('.md') && !OF_THE_PAST.includes(name);
const pages = [
  ...readdirSync(root).filter(isPage),
  ...['docs', 'core'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(isPage)
      .map((name) => join(folder, name)),
  ),
];

/** `src/main.ts`, `http/app.ts`, `test/faults`: a path below the root or below src/, by the folder that it begins with. */
const folders = [root, join(root, 'src')].flatMap((base) =>
  readdirSync(base, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])),
);
const PATH = new RegExp(String.raw`(?<![\w/.@-])(?:\.\./)*((?:${folders.join('|').replaceAll('.', '\\.')})/[\w./*-]*\w)`, 'g');
/** Made by a build, or not a file of this project. */
const ELSEWHERE = /^(dist|node_modules|data|coverage|core\/build|core\/core\.node)\b|^(runs|storage|jobs)\/(<|job_)/;

test('every path that a page or a comment names is there', () => {
  expect(pages.length).toBeGreaterThan(10);
  const files = [...pages, ...sources('src'), ...sources('test'), ...sources('core'), ...sources('scripts')];
  const missing = files.flatMap((file) =>
    named(file)
      .filter((path) => !isThere(path))
      .map((path) => `${file} names ${path}`),
  );
  expect(missing).toEqual([]);
});

test('every link of a page leads to a file', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, to = '']) => ({ page, to })),
  );
  expect(links.length).toBeGreaterThan(15);
  expect(links.filter(({ page, to }) => !existsSync(resolve(root, dirname(page), to)))).toEqual([]);
});

function named(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const prose = file.endsWith('.md') ? (text.match(/`[^`\n]+`/g) ?? []) : (text.match(/^\s*(?:\/\/|\/\*|\*).*$/gm) ?? []);
  return prose.flatMap((part) => [...part.matchAll(PATH)].map(([, path = '']) => path)).filter((path) => !ELSEWHERE.test(path));
}

/** As a file or a folder; as a test too, whose name Vitest takes without its end, and a pattern by its folder. */
const isThere = (path: string): boolean =>
  [root, join(root, 'src')].some((base) =>
    [path, `${path}.test.ts`, path.replace(/\/[^/]*\*.*$/, '')].some((name) => existsSync(join(base, name))),
  );

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(m?ts|mjs|[ch]pp)$/.test(name) && !name.startsWith('build/'))
    .map((name) => join(folder, name));
