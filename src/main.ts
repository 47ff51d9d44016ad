#!/usr/bin/env node
import { CommanderError } from 'commander';
import { RequestRefused, ServiceUnreachable } from './cli/client.ts';
import { buildProgram } from './cli/program.ts';
import { EpochdError } from './contract/errors.ts';
import { EXIT } from './contract/exit-codes.ts';
import { spellOut } from './contract/plain-text.ts';
import { endOnLostOutput } from './log/lost-output.ts';

/** Says on standard error what went wrong, unless commander has; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
  if (!(error instanceof EpochdError)) throw error;
  process.stderr.write(`epochd: ${error.message.split('\n').map(spellOut).join('\n')}\n`);
  if (error instanceof ServiceUnreachable) return EXIT.unreachable;
  const isWrongCall = error instanceof RequestRefused ? [400, 413, 422].includes(error.status) : error.kind === 'user';
  return isWrongCall ? EXIT.usage : EXIT.failed;
}

endOnLostOutput();

try {
  await buildProgram().parseAsync();
} catch (error) {
  // What a service that did not start has left open must not keep the process alive.
  process.exit(report(error));
}
