import type { Command } from 'commander';
import { addClientCommand, type ClientOptions, openClient } from '../client-command.ts';
import { followJob } from '../follow-job.ts';

export function addFollow(program: Command): void {
  addClientCommand(
    program,
    'follow <id>',
    'show the history of a job and its progress until it has ended; Ctrl-C detaches',
    'epochd follow job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ).action(async (id: string, options: ClientOptions) => {
    process.exitCode = await followJob(openClient(options), id);
  });
}
