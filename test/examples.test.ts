import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSpec } from '../src/contract/explain/parse.ts';
import { checkRules } from '../src/contract/spec-rules.ts';
import { seedShape } from './contract/shapes.ts';

const folder = join(import.meta.dirname, '../examples');
const names = readdirSync(folder);
const parseExample = (name: string) => parseSpec(JSON.parse(readFileSync(join(folder, name), 'utf8')));

test('there are examples', () => {
  expect(names).toEqual(
    expect.arrayContaining(['seed.json', 'seed-dropout.json', 'bidirectional.json', 'stacked-adam.json', 'class-weights.json']),
  );
});

test.each(names)('%s can be POSTed as it is, and bears its own name', (name) => {
  const spec = parseExample(name);
  expect(checkRules(spec, seedShape())).toEqual([]);
  expect(`${spec.name}.json`).toBe(name);
});

test("the seed's example is the spec that is all defaults", () => {
  expect(parseExample('seed.json')).toEqual({ ...parseSpec({ dataset: { source: 'imdb-mini' } }), name: 'seed' });
});
