import { parseArgs } from 'node:util';

/** Thrown when a command was called in another way than its usage says. */
export class UsageError extends Error {}

export interface Usage {
  /** The text of --help. */
  readonly text: string;
  /** Names of the options that take a value, beside --engine. */
  readonly options: readonly string[];
}

/** The values of a harness command's options by name; null when --help was asked for. Throws UsageError. */
export function readArguments(args: readonly string[], { options }: Usage): Readonly<Record<string, string>> | null {
  const known = Object.fromEntries(['engine', ...options].map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args: [...args], options: { ...known, help: { type: 'boolean', short: 'h' } }, strict: true });
    if (values.help) return null;
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
    if (!given['engine']) throw new UsageError('--engine NAME is missing: expected auto or tensorflow');
    return given;
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
