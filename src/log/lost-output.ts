import { EXIT } from '../contract/exit-codes.ts';

/**
 * Ends this process, a command, when its standard output cannot be written any more: as SIGPIPE would when the reader has left, as in
 * `epochd list | head`; otherwise after a line on standard error that says why, if standard error can be written.
 */
export function endOnLostOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', end);
}

/** Lets this process, a service, go on when its standard output cannot be written any more: nobody need read what it says there. */
export function surviveLostOutput(): void {
  process.stdout.off('error', end).on('error', () => undefined);
}

function end(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
  process.stderr.write(`epochd: standard output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
}
