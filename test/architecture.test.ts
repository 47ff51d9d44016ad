import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** Read by the doctor too, which is no part of the program. */
const ADDRESS = '../scripts/redis-address.mjs';

/** Which folder may import which others, and which packages it alone knows. A file always may import its own folder and those inside it. */
const FOLDERS: Record<string, { folders: string[]; packages: string[] }> = {
  contract: { folders: [], packages: ['zod'] },
  training: { folders: ['contract'], packages: [] },
  datasets: { folders: ['contract', 'training'], packages: ['undici'] },
  runs: { folders: ['contract', 'training'], packages: ['fflate'] },
  queue: { folders: ['contract', ADDRESS], packages: ['bullmq', 'ioredis', 'pino'] },
  engines: { folders: ['contract', 'training'], packages: [] },
  http: {
    folders: ['contract', 'training', 'datasets', 'runs', 'queue'],
    packages: ['fastify', 'fastify-type-provider-zod', '@fastify/swagger', '@fastify/swagger-ui', 'ulid', 'yaml', 'zod'],
  },
  worker: { folders: ['contract', 'training', 'datasets', 'runs', 'queue', 'engines'], packages: ['pino'] },
  harness: { folders: ['contract', 'training', 'datasets', 'runs', 'engines', 'worker'], packages: ['zod'] },
  cli: { folders: ['contract', ADDRESS, 'runs', 'queue', 'http', 'worker', '.'], packages: ['commander', 'pino'] },
  '.': { folders: ['contract', 'cli', ADDRESS], packages: ['commander', 'pino', 'pino-pretty', 'zod'] },
};

/** What the API image must not load, whatever the folder allows: a file below http/ reaches none of these. */
const NOT_IN_HTTP = ['training/loop.ts', 'engines/'];

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
  readonly kind: 'folder' | 'package';
}

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = sources.flatMap(importsOf);

test('every import follows the table', () => {
  const broken = imports.filter(({ folder, target, kind }) => {
    const allowed = FOLDERS[folder];
    if (!allowed) return true;
    return kind === 'package' ? !allowed.packages.includes(target) : target !== folder && !allowed.folders.includes(target);
  });
  expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

test('http reaches neither the training loop nor an engine, by any path', () => {
  const reached = reachable('http/app.ts');
  expect(reached.length).toBeGreaterThan(20);
  expect(reached.filter((file) => NOT_IN_HTTP.some((forbidden) => file.startsWith(forbidden)))).toEqual([]);
});

test('TensorFlow is named in its own folder only', () => {
  const knowing = sources.filter((file) => readFileSync(join(src, file), 'utf8').includes("'@tensorflow/"));
  expect([...new Set(knowing.map((file) => dirname(file)))]).toEqual(['engines/tensorflow']);
});

test('the scan sees imports, and every rule of the table is used', () => {
  expect(imports.length).toBeGreaterThan(100);
  for (const [folder, { folders, packages }] of Object.entries(FOLDERS)) {
    const seen = new Set(imports.filter((found) => found.folder === folder).map(({ target }) => target));
    expect([...folders, ...packages].filter((name) => !seen.has(name)).map((name) => `${folder} never imports ${name}`)).toEqual([]);
  }
});

function importsOf(file: string): Import[] {
  const folder = topFolder(file);
  return specifiers(file)
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier.startsWith('.')
        ? { file, folder, kind: 'folder' as const, target: topFolder(relative(src, resolve(src, dirname(file), specifier))) }
        : {
            file,
            folder,
            kind: 'package' as const,
            target: specifier
              .split('/')
              .slice(0, specifier.startsWith('@') ? 2 : 1)
              .join('/'),
          },
    );
}

/** What lies outside of src stands in the table by its name. */
function topFolder(file: string): string {
  if (file.startsWith('../')) return file;
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '.';
}

function specifiers(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    (m) => m[1] ?? m[2] ?? m[3] ?? '',
  );
}

function reachable(start: string, seen = new Set<string>()): string[] {
  if (!seen.has(start)) {
    seen.add(start);
    for (const specifier of specifiers(start)) {
      if (specifier.startsWith('.')) reachable(relative(src, resolve(src, dirname(start), specifier)), seen);
    }
  }
  return [...seen];
}
