import { type Shape, tagged } from './shape.ts';

const quoted = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

/** In words for people: "an integer from 1 to 10000", "one of \"auto\", \"tensorflow\"", "a list of 1 to 8 items or null". */
export function expectation(shape: Shape): string {
  const [tag] = tagged(shape);
  if (tag) return `an object whose "${tag[0]}" is one of ${quoted(tagged(shape).map(([, value]) => value))}`;
  const options = shape.oneOf ?? shape.anyOf;
  if (options) return [...new Set(options.map(expectation))].join(' or ');
  if ('const' in shape) return JSON.stringify(shape.const);
  if (shape.enum) return `one of ${quoted(shape.enum)}`;
  switch (shape.type) {
    case 'integer':
      return `an integer${range(shape)}`;
    case 'number':
      return `a number${range(shape)}`;
    case 'string':
      return shape.format === 'date-time'
        ? 'a time such as "2026-01-31T12:00:00Z"'
        : `a string${count(shape.minLength, shape.maxLength, 'characters')}`;
    case 'array':
      return `a list${count(shape.minItems, shape.maxItems, 'items')}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object';
    default:
      return shape.type ?? 'another value';
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Shape): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    exclusiveMinimum === undefined ? null : `greater than ${exclusiveMinimum}`,
    minimum === undefined ? null : `at least ${minimum}`,
    exclusiveMaximum === undefined ? null : `less than ${exclusiveMaximum}`,
    maximum === undefined ? null : `at most ${maximum}`,
  ].filter((bound) => bound !== null);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function count(min: number | undefined, max: number | undefined, noun: string): string {
  if (max === undefined) return min === undefined ? '' : ` of at least ${min} ${noun}`;
  return min === undefined ? ` of at most ${max} ${noun}` : ` of ${min} to ${max} ${noun}`;
}
