import { EXIT } from '../contract/exit-codes.ts';

/**
 * A command whose standard output cannot be written has nothing left to do. As in `epochd list | head` the reader has seen enough:
 * then it ends as SIGPIPE would; otherwise it says why. Standard error is where that is said: without it, it is not.
 */
export function endOnLostOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', end);
}

/** A service goes on: what it says on standard output is for whoever looks. */
export function surviveLostOutput(): void {
  process.stdout.off('error', end).on('error', () => undefined);
}

function end(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
  process.stderr.write(`epochd: standard output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
}
