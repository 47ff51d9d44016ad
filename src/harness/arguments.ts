import { parseArgs } from 'node:util';

/** Thrown when a command was called in another way than its usage says. */
export class UsageError extends Error {}

export interface Arguments {
  /** One for each --engine. */
  readonly engines: readonly string[];
  /** The values of the other options by name. */
  readonly options: Readonly<Record<string, string>>;
}

/** Reads --engine and the options of these names; null when --help was asked for. Throws UsageError. */
export function readArguments(args: readonly string[], names: readonly string[]): Arguments | null {
  const { help, engine = [], ...given } = parse(args, names);
  if (help) return null;
  return { engines: engine, options: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])) };
}

function parse(args: readonly string[], names: readonly string[]) {
  const options = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    engine: { type: 'string' as const, multiple: true },
    help: { type: 'boolean' as const, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
