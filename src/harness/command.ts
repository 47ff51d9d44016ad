import { EngineUnavailable } from '../contract/errors.ts';
import { engineVariants, loadEngine } from '../engines/select.ts';
import { TENSORFLOW_ENVIRONMENT } from '../trainer/environment.ts';
import type { Engine } from '../training/engine.ts';
import { type Arguments, readArguments, UsageError } from './arguments.ts';

export interface Command {
  /** The text of --help. */
  readonly usage: string;
  /** Names of the options that take a value, beside --engine. */
  readonly options: readonly string[];
  /** Names of those that take none. */
  readonly flags?: readonly string[];
  /** Prints one JSON line for each thing it looks at. Gives whether all is well. */
  run(given: Arguments, print: (line: object) => void): Promise<boolean>;
}

/** What a program exits with that cannot do its work on this machine; its last line on stderr says why. The peers' know it, too. */
export const CANNOT_TAKE_PART = 3;

/** Runs a harness command to its exit code: 0, 1 for a miss, 2 for a wrong call, 3 without the engine. Only results go to stdout. */
export async function runCommand(args: readonly string[], { usage, options, flags, run }: Command): Promise<number> {
  try {
    const given = readArguments(args, options, flags);
    if (given === null) {
      process.stderr.write(`${usage}\n`);
      return 0;
    }
    const isWell = await run(given, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
    return isWell ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EngineUnavailable)) throw error;
    process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${usage}\n` : `${error.message}\n`);
    return error instanceof UsageError ? 2 : CANNOT_TAKE_PART;
  }
}

/** The one engine that was asked for. Throws UsageError, EngineUnavailable. */
export async function openEngine({ engines }: Arguments): Promise<Engine> {
  const [name] = engines;
  if (!name) throw new UsageError(`--engine NAME is missing: expected auto, ${(await engineVariants()).join(', ')}`);
  if (engines.length > 1) throw new UsageError(`--engine was given ${engines.length} times: expected once`);
  Object.assign(process.env, TENSORFLOW_ENVIRONMENT);
  return loadEngine(name, (message) => process.stderr.write(`${message}\n`));
}
