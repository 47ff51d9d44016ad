import { EXIT } from '../contract/exit-codes.ts';
import type { JobState } from '../contract/job.ts';
import type { Client } from './client.ts';
import { createPrinter } from './follow-printer.ts';
import { watchJob } from './watch-job.ts';

const STEPS_EVERY_MS = 250;

/** Prints a job's progress until the job has ended, and resolves to the exit code for how it ended. Ctrl-C ends the printing, not the job. */
export async function followJob(client: Client, id: string): Promise<number> {
  const onInterrupt = (): never => {
    process.stderr.write(`\ndetached: the job goes on. Come back with: epochd follow ${id}\n`);
    process.exit(EXIT.detached);
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await printUntilEnd(client, id);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function printUntilEnd(client: Client, id: string): Promise<number> {
  const print = createPrinter(process.stdout);
  const stepsEveryMs = process.stdout.isTTY ? STEPS_EVERY_MS : null;
  let state: JobState = 'queued';
  for await (const sight of watchJob(client, id, { stepsEveryMs, say: (sentence) => void process.stderr.write(`${sentence}\n`) })) {
    print(sight);
    state = sight.job.state;
  }
  return exitCodeOf(state);
}

/** The exit code for the outcome of a job. */
export function exitCodeOf(state: JobState): number {
  if (state === 'succeeded') return EXIT.succeeded;
  return state === 'cancelled' ? EXIT.cancelled : EXIT.failed;
}
