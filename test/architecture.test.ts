import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { FLOORS, floorsOf, PICTURED, ROOMS } from './rooms.ts';

const src = resolve(import.meta.dirname, '../src');
const core = resolve(import.meta.dirname, '../core');

/** What the API image must not load, whatever its rooms allow: a file below http/ reaches none of these. */
const NOT_IN_HTTP = ['training/loop.ts', 'engines/'];

/** For their types alone: the training itself belongs to the trainer. */
const TYPES_ONLY = [{ room: 'runs', of: 'training' }];

/** What each kind of process begins with. */
const ENTRIES = { api: 'cli/commands/api.ts', worker: 'cli/commands/worker.ts', trainer: 'trainer/main.ts' };

/** The rooms of core/, in the order of its README: a file includes from its own and from those before it. */
const CORE_ROOMS = ['numbers', 'plan.hpp', 'variant.hpp', 'layers', 'model', 'step', 'variant.cpp', 'hosts'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly kind: 'room' | 'package';
  readonly isType: boolean;
}

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = sources.flatMap(importsOf);

test('every import follows the table', () => {
  const broken = imports.filter(({ room, target, kind }) => {
    const allowed = ROOMS[room];
    if (!allowed) return true;
    return kind === 'package' ? !allowed.packages.includes(target) : target !== room && !allowed.rooms.includes(target);
  });
  expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

test('no room and no file leads back to itself, not even by types', () => {
  const table = Object.fromEntries(Object.entries(ROOMS).map(([room, { rooms }]) => [room, rooms]));
  expect(circleIn(table)).toBeNull();
  expect(circleIn(Object.fromEntries(sources.map((file) => [file, filesOf(file)])))).toBeNull();
  expect(circleIn({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c', 'b']);
});

test('the picture of the floors, and who loads a room, are what the imports give', () => {
  expect(floorsOf(ROOMS)).toEqual(FLOORS);
  const loaded = Object.entries(ENTRIES).map(([process, entry]) => [process, new Set(reachable(entry, loads).map(roomOf))] as const);
  const processesOf = (room: string): string[] => loaded.filter(([, rooms]) => rooms.has(room)).map(([process]) => process);
  expect(Object.fromEntries(Object.entries(ROOMS).map(([room, { processes }]) => [room, processes]))).toEqual(
    Object.fromEntries(Object.keys(ROOMS).map((room) => [room, processesOf(room)])),
  );
});

test('the picture of the processes names rooms that are there', () => {
  expect(PICTURED.length).toBeGreaterThan(5);
  expect(PICTURED.filter((room) => !(room in ROOMS))).toEqual([]);
});

test('a file of the core includes from its own room and from those before it', () => {
  const files = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[ch]pp$/.test(name));
  const included = files.flatMap((file) =>
    [...readFileSync(join(core, file), 'utf8').matchAll(/^#include "(.+)"$/gm)].map(([, target = '']) => ({ file, target })),
  );
  const place = (file: string): number => CORE_ROOMS.findIndex((room) => file === room || file.startsWith(`${room}/`));
  expect(files.filter((file) => place(file) < 0)).toEqual([]);
  expect(included.filter(({ file, target }) => !files.includes(target) || place(target) > place(file))).toEqual([]);
  expect(included.length).toBeGreaterThan(40);
  const readme = readFileSync(join(core, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/^\| `([\w.]+)\/?` \|/gm)].map(([, room = '']) => room);
  expect(named).toEqual(['numbers', 'layers', 'model', 'step', 'variant.cpp', 'hosts', 'make']);
  expect(
    circleIn(Object.fromEntries(files.map((file) => [file, included.filter((one) => one.file === file).map(({ target }) => target)]))),
  ).toBeNull();
});

test('some rooms know others by their types alone', () => {
  const used = imports.filter(({ room, target, isType }) => !isType && TYPES_ONLY.some((rule) => rule.room === room && rule.of === target));
  expect(used.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
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
  expect([...new Set(sources.map(roomOf))].sort()).toEqual(Object.keys(ROOMS).sort());
  for (const [room, { rooms, packages }] of Object.entries(ROOMS)) {
    const seen = new Set(imports.filter((found) => found.room === room).map(({ target }) => target));
    expect([...rooms, ...packages].filter((name) => !seen.has(name)).map((name) => `${room} never imports ${name}`)).toEqual([]);
  }
});

function importsOf(file: string): Import[] {
  const room = roomOf(file);
  return statements(file)
    .filter(({ specifier }) => !specifier.startsWith('node:'))
    .map(({ specifier, isType }) =>
      specifier.startsWith('.')
        ? { file, room, kind: 'room' as const, isType, target: roomOf(resolved(file, specifier)) }
        : { file, room, kind: 'package' as const, isType, target: packageOf(specifier) },
    );
}

/** A folder below src/, or a file that lies beside them. What is outside of src/ stands in the table by its path. */
function roomOf(file: string): string {
  if (file.startsWith('../')) return file;
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function resolved(file: string, specifier: string): string {
  return relative(src, resolve(src, dirname(file), specifier));
}

function statements(file: string): { specifier: string; isType: boolean }[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map((found) => ({
    specifier: found[1] ?? found[2] ?? found[3] ?? '',
    isType: /^(?:import|export) (?:type\b|\{(?:\s*type [\w$]+(?: as [\w$]+)?,?)+\s*\})/.test(found[0]),
  }));
}

/** The files of this project that a file imports, types included. */
const filesOf = (file: string): string[] =>
  statements(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => resolved(file, specifier))
    .filter((target) => !target.startsWith('../'));

/** Those that are there when it runs. */
const loads = (file: string): string[] =>
  statements(file)
    .filter(({ specifier, isType }) => specifier.startsWith('.') && !isType)
    .map(({ specifier }) => resolved(file, specifier))
    .filter((target) => !target.startsWith('../'));

function reachable(start: string, next: (file: string) => string[] = filesOf, seen = new Set<string>()): string[] {
  if (!seen.has(start)) {
    seen.add(start);
    for (const target of next(start)) reachable(target, next, seen);
  }
  return [...seen];
}

/** The first way found that leads back to where it came from, or null. */
function circleIn(graph: Readonly<Record<string, readonly string[]>>): string[] | null {
  const clear = new Set<string>();
  const search = (node: string, path: readonly string[]): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (clear.has(node)) return null;
    for (const next of graph[node] ?? []) {
      const circle = search(next, [...path, node]);
      if (circle) return circle;
    }
    clear.add(node);
    return null;
  };
  for (const node of Object.keys(graph)) {
    const circle = search(node, []);
    if (circle) return circle;
  }
  return null;
}
