import { parseArgs } from 'node:util';

/** Thrown when a command was called in another way than its usage says. */
export class UsageError extends Error {}

export interface Arguments {
  /** One for each --engine. */
  readonly engines: readonly string[];
  /** The values of the other options by name; that of a flag is empty. */
  readonly options: Readonly<Record<string, string>>;
}

/** Reads --engine, the options of these names and the flags; null when --help was asked for. Throws UsageError. */
export function readArguments(args: readonly string[], names: readonly string[], flags: readonly string[] = []): Arguments | null {
  const { help, engine = [], ...given } = parse(args, names, flags);
  if (help) return null;
  return {
    engines: engine,
    options: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === true ? '' : String(value)])),
  };
}

function parse(args: readonly string[], names: readonly string[], flags: readonly string[]) {
  const options = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }])),
    engine: { type: 'string' as const, multiple: true },
    help: { type: 'boolean' as const, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
