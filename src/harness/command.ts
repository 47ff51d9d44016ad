import { EngineUnavailable } from '../contract/errors.ts';
import { loadEngine } from '../engines/select.ts';
import { tensorflowEnvironment } from '../engines/tensorflow/environment.ts';
import type { Engine } from '../training/engine.ts';
import { readArguments, type Usage, UsageError } from './arguments.ts';

/** What a harness command does: prints one JSON line for each thing it looks at. Gives whether all is well. */
export type Harness = (engine: Engine, options: Readonly<Record<string, string>>, print: (line: object) => void) => Promise<boolean>;

/** Runs a harness command to its exit code: 0, 1 for a miss, 2 for a wrong call. Only JSON lines go to stdout. */
export async function runCommand(args: readonly string[], usage: Usage, harness: Harness): Promise<number> {
  try {
    const options = readArguments(args, usage);
    if (options === null) {
      process.stderr.write(`${usage.text}\n`);
      return 0;
    }
    Object.assign(process.env, tensorflowEnvironment([], undefined));
    const engine = await loadEngine(options['engine'] ?? '', (message) => process.stderr.write(`${message}\n`));
    const isWell = await harness(engine, options, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
    return isWell ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EngineUnavailable)) throw error;
    process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${usage.text}\n` : `${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
