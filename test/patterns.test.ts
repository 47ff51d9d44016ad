import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'acorn';
import { analyse } from 'scslre';
import { expect, test } from 'vitest';

/* Every expression of the built program, and whether some text makes it look at a character again and again. */

const dist = resolve(import.meta.dirname, '../dist');

interface Pattern {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

function patternsOf(file: string): Pattern[] {
  const text = readFileSync(join(dist, file), 'utf8');
  const patterns: Pattern[] = [];
  parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
    onToken: (token) => {
      if (token.type.label !== 'regexp' || !('value' in token)) return;
      const { pattern, flags } = token.value as { pattern: string; flags: string };
      patterns.push({ place: file, source: pattern, flags });
    },
  });
  return patterns;
}

const patterns = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js'))
  .flatMap(patternsOf);

/** What texts are made of that a stranger may repeat; beside these, the literal pieces of an expression itself. */
const UNITS = [
  'a',
  'a.',
  'a-',
  'A1',
  '0',
  '1.',
  '0:',
  ' ',
  '\t',
  '/',
  '//',
  'x://',
  'a/',
  "'",
  "'/",
  '"',
  '[',
  ']',
  '[a]',
  ';',
  ',',
  '=',
  '@',
  '?',
  '_',
  '%2F',
  ': ',
  ' /',
  ' /a b',
];

const unitsOf = (source: string): string[] => [...new Set([...UNITS, ...(source.match(/[\w:;=,./ -]{1,12}/g) ?? [])])];

/** The best of three, in milliseconds. */
function timeOf({ source, flags }: Pattern, text: string): number {
  const times = [0, 1, 2].map(() => {
    const began = performance.now();
    text.replace(new RegExp(source, flags), '');
    return performance.now() - began;
  });
  return Math.min(...times);
}

/** 16 times the text takes a linear expression 16 times as long, a quadratic one 256 times. */
function growsTooFast(pattern: Pattern, unit: string): boolean {
  const long = timeOf(pattern, unit.repeat(Math.ceil(32_768 / unit.length)));
  return long > 20 && long > 64 * timeOf(pattern, unit.repeat(Math.ceil(2_048 / unit.length)));
}

const QUADRATIC: Pattern = { place: 'here', source: '\\b([a-z][a-z0-9+.-]*:\\/\\/)[^\\s"]*@', flags: 'gi' };

test('the scan finds the expressions, and both checks tell a slow one', () => {
  expect(patterns.length).toBeGreaterThan(40);
  expect(analyse({ source: 'a*a*$', flags: '' }).reports.length).toBeGreaterThan(0);
  expect(unitsOf(QUADRATIC.source).filter((unit) => growsTooFast(QUADRATIC, unit))).toContain('x://');
});

test('none is slower than linear by its form', () => {
  const slow = patterns.flatMap(({ place, source, flags }) =>
    analyse({ source, flags }).reports.map(({ type }) => `${place} /${source}/${flags}: ${type}`),
  );
  expect([...new Set(slow)]).toEqual([]);
});

test('none is slower than linear on what is repeated', () => {
  const slow = patterns.flatMap((pattern) =>
    unitsOf(pattern.source)
      .filter((unit) => growsTooFast(pattern, unit))
      .map((unit) => `${pattern.place} /${pattern.source}/ on ${JSON.stringify(unit)}`),
  );
  expect(slow).toEqual([]);
});
