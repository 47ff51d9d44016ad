import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { EpochdError } from '../../contract/errors.ts';
import { addClientCommand, type ClientOptions, openClient, printLine } from '../client-command.ts';
import { followJob } from '../follow-job.ts';

/** Thrown when the file of the spec cannot be read. */
export class SpecUnreadable extends EpochdError {
  readonly code = 'spec_unreadable';
  readonly kind = 'user';
}

export function addSubmit(program: Command): void {
  addClientCommand(
    program,
    'submit <spec>',
    'POST a job spec (a JSON file, or - for standard input) and print the id of the job',
    'epochd submit examples/seed.json --follow',
    `echo '{"dataset":{"source":"imdb-mini"}}' | epochd submit -`,
  )
    .option('-f, --follow', 'show the progress until the job has ended; the exit code tells how')
    .action(async (path: string, options: ClientOptions & { follow?: true }) => {
      const client = openClient(options);
      const { id } = await client.submit(await readSpec(path));
      printLine(id);
      if (options.follow) process.exitCode = await followJob(client, id);
    });
}

async function readSpec(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  return readFile(path, 'utf8').catch((cause: Error) => {
    throw new SpecUnreadable(`${path}: expected a file with a job spec in JSON: ${cause.message}`, { cause });
  });
}
