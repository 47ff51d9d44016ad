import { parse } from 'node:querystring';

type Value = string | string[] | Record<string, string | string[]>;

/** A query with `metadata[owner]=ann` folded into `{ metadata: { owner: 'ann' } }`. A name that comes twice has a list. */
export function parseQuery(text: string): Record<string, Value> {
  const query: Record<string, Value> = Object.create(null);
  for (const [name, value = ''] of Object.entries(parse(text))) {
    const [, outer, inner] = /^([^[\]]+)\[([^\]]*)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) query[name] = value;
    else query[outer] = { ...asObject(query[outer]), [inner]: value };
  }
  return query;
}

const asObject = (value: Value | undefined): Record<string, string | string[]> =>
  typeof value === 'object' && !Array.isArray(value) ? value : {};
