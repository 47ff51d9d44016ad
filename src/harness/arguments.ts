import { parseArgs } from 'node:util';

/** Thrown when a command was called in another way than its usage says. */
export class UsageError extends Error {}

/** The values of `options` and --engine by name; null when --help was asked for. Throws UsageError. */
export function readArguments(args: readonly string[], options: readonly string[]): Readonly<Record<string, string>> | null {
  const known = Object.fromEntries(['engine', ...options].map((name) => [name, { type: 'string' as const }]));
  const { help, ...given } = parse(args, known);
  if (help) return null;
  const values = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  if (!values['engine']) throw new UsageError('--engine NAME is missing: expected auto or tensorflow');
  return values;
}

function parse(args: readonly string[], options: Record<string, { type: 'string' }>) {
  try {
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } }, strict: true }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
