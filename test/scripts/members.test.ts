import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkMembers } from '../../scripts/check/members.mjs';

test('a member that nobody reads is named, with its place; one that tests alone read is told apart', () => {
  const root = project({
    'src/parts.ts': `
      export interface Run { id: string; spare: number; probe(): void }
      export class Store { open() {} shut() {} }
      export function made() { return { used: () => 1, unused: () => 2 }; }
      export type Written = { only: string };
      export const write = (id: string): Written => ({ only: id });`,
    'src/main.ts': `
      import { made, type Run, Store, write } from './parts.ts';
      export function main({ id }: Run) { new Store().open(); return [id, made().used(), write(id)]; }`,
    'test/run.test.ts': `import type { Run } from '../src/parts.ts'; export const look = (run: Run) => run.probe();`,
  });
  expect(complaints(root)).toEqual([
    'src/parts.ts:2: Run: spare is read by nobody',
    'src/parts.ts:2: Run: probe is read by tests only',
    'src/parts.ts:3: Store: shut is read by nobody',
    'src/parts.ts:4: made: unused is read by nobody',
    'src/parts.ts:5: Written: only is read by nobody',
  ]);
});

test('what is read by another name of its type, by key, as a whole or by a base counts as read', () => {
  const root = project({
    'src/main.ts': `
      interface Part { size: number; colour: string }
      interface Sized { size: number }
      interface Message { text: string; inner: { depth: number } }
      abstract class Shape { abstract area(): number }
      class Square extends Shape { area() { return 4; } }
      interface Limits { rows: number; bytes: number }
      interface Asked { limit: number }
      const grow = ({ size }: Sized) => size;
      const has = (part: object) => 'colour' in part;
      const colours = (part: Part) => [grow(part), 'colour' in part, has(part)];
      const send = (message: Message) => JSON.stringify(message);
      const areas = (shapes: Shape[]) => shapes.map((shape) => shape.area());
      const limit = (limits: Limits, name: keyof Limits) => limits[name];
      const asked = () => ({ limit: 1, squares: [new Square()] });
      const ask = (of: { asked: Asked }) => of.asked.limit;
      export const main = [colours, send, areas, limit, ask({ asked: { ...asked() } })];`,
  });
  expect(complaints(root)).toEqual([]);
});

test('an exception says who else reads them, by file or by declaration, and one that is not needed is named', () => {
  const root = project({
    'src/wire.ts': 'export interface Sent { a: number } export interface Kept { b: number }',
    'src/native.ts': 'export interface Native { c: number }',
  });
  expect(complaints(root, { 'src/wire.ts Sent': 'clients', 'src/native.ts': 'the addon' })).toEqual([
    'src/wire.ts:1: Kept: b is read by nobody',
  ]);
  const all = { 'src/wire.ts': 'clients', 'src/native.ts': 'the addon', 'src/gone.ts Old': 'nobody now' };
  expect(complaints(root, all)).toEqual([
    'scripts/check/members/exceptions.mjs: "src/gone.ts Old" excepts nothing that is unread: expected no such line',
  ]);
});

/** A checkout with these files, for as long as the test. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'epochd-members-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023'],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  const config = JSON.stringify({ compilerOptions, include: ['.', '../src'] });
  for (const [name, text] of Object.entries({ 'test/tsconfig.json': config, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function complaints(root: string, exceptions: Readonly<Record<string, string>> = {}): string[] {
  try {
    checkMembers({ root }, exceptions);
    return [];
  } catch (failure) {
    return (failure as Error).message.split('\n');
  }
}
