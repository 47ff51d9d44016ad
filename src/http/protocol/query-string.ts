import { parse } from 'node:querystring';

type Value = string | string[] | Record<string, string | string[]>;

/** All of them: a URL is bounded already, and a filter that is left out unsaid would give the wrong answer. */
const EVERY = { maxKeys: 0 };

/** A query with `metadata[owner]=ann` folded into `{ metadata: { owner: 'ann' } }`. A name that comes twice has a list. */
export function parseQuery(text: string): Record<string, Value> {
  const query: Record<string, Value> = Object.create(null);
  for (const [name, value = ''] of Object.entries(parse(text, '&', '=', EVERY))) {
    const [, outer, inner] = /^([^[\]]+)\[([^\]]*)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) query[name] = query[name] === undefined ? value : twice(value);
    else {
      const found = query[outer] ?? (query[outer] = {});
      if (typeof found === 'object' && !Array.isArray(found)) found[inner] = value;
      else query[outer] = twice(found);
    }
  }
  return query;
}

/** Both as a value and as an object: no schema takes it. */
const twice = (value: string | string[]): string[] => [value, ''].flat();
