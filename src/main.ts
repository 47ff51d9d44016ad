#!/usr/bin/env node
import { CommanderError } from 'commander';
import { RequestRefused, ServiceUnreachable } from './cli/client.ts';
import { EXIT } from './cli/exit-codes.ts';
import { buildProgram } from './cli/program.ts';
import { ConfigInvalid } from './config.ts';
import { EpochdError } from './contract/errors.ts';

/** Commander has printed its own errors. Those with a name are for the user; any other is a fault of this program. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
  process.stderr.write(`epochd: ${error instanceof EpochdError ? error.message : (error as Error).stack}\n`);
  if (error instanceof ServiceUnreachable) return EXIT.unreachable;
  const isUsage = error instanceof ConfigInvalid || (error instanceof RequestRefused && [400, 413, 422].includes(error.status));
  return isUsage ? EXIT.usage : EXIT.failed;
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
