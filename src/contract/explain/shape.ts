import { z } from 'zod';

/** The part of JSON Schema that zod writes for this project's schemas. */
export interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

const shapes = new WeakMap<z.ZodType, Shape>();

/** The schema as its input looks in JSON. */
export function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known) return known;
  // Without metadata: a schema with a name would come as a reference to itself.
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', metadata: z.registry() }) as Shape;
  shapes.set(schema, shape);
  return shape;
}

/** What the schema says about the place `path` in `value`; null when it says nothing. */
export function shapeAt(shape: Shape, value: unknown, path: readonly PropertyKey[]): Shape | null {
  const [key, ...rest] = path;
  if (key === undefined) return shape;
  const chosen = choose(shape, value);
  const { properties, items, additionalProperties } = chosen ?? {};
  const named = properties && Object.hasOwn(properties, key) ? properties[String(key)] : undefined;
  const next = named ?? (typeof key === 'number' ? items : typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return next ? shapeAt(next, valueAt(value, [key]), rest) : null;
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

/** The fields known at a place. */
export const fieldsOf = (shape: Shape, value: unknown): string[] => Object.keys(choose(shape, value)?.properties ?? {});

/** The alternatives of a tagged union: [tag, its value, the alternative]. */
export const tagged = (shape: Shape): (readonly [string, unknown, Shape])[] =>
  (shape.oneOf ?? shape.anyOf ?? []).flatMap((option) => {
    const tag = Object.entries(option.properties ?? {}).find(([, property]) => 'const' in property);
    return tag ? [[tag[0], tag[1].const, option] as const] : [];
  });

/** The one alternative that is meant: the one with the value's tag, or which needs none, or the only one besides null. */
function choose(shape: Shape, value: unknown): Shape | null {
  const options = (shape.oneOf ?? shape.anyOf)?.filter(({ type }) => type !== 'null');
  if (!options) return shape;
  const byTag = tagged(shape).find(([key, tag, { required = [] }]) => {
    const given = valueAt(value, [key]);
    return given === undefined ? !required.includes(key) : given === tag;
  });
  return byTag?.[2] ?? (options.length === 1 && options[0] ? choose(options[0], value) : null);
}
