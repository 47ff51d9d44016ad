import { EngineUnavailable } from '../contract/errors.ts';
import { loadEngine } from '../engines/select.ts';
import { TENSORFLOW_ENVIRONMENT } from '../engines/tensorflow/environment.ts';
import type { Engine } from '../training/engine.ts';
import { readArguments, UsageError } from './arguments.ts';

export interface Command {
  /** The text of --help. */
  readonly usage: string;
  /** Names of the options that take a value, beside --engine. */
  readonly options: readonly string[];
  /** Prints one JSON line for each thing it looks at. Gives whether all is well. */
  run(engine: Engine, options: Readonly<Record<string, string>>, print: (line: object) => void): Promise<boolean>;
}

/** Runs a harness command to its exit code: 0, 1 for a miss, 2 for a wrong call. Only JSON lines go to stdout. */
export async function runCommand(args: readonly string[], { usage, options, run }: Command): Promise<number> {
  try {
    const given = readArguments(args, options);
    if (given === null) {
      process.stderr.write(`${usage}\n`);
      return 0;
    }
    Object.assign(process.env, TENSORFLOW_ENVIRONMENT);
    const engine = await loadEngine(given['engine'] ?? '', (message) => process.stderr.write(`${message}\n`));
    const isWell = await run(engine, given, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
    return isWell ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EngineUnavailable)) throw error;
    process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${usage}\n` : `${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
