import type { Command } from 'commander';
import { addClientCommand, type ClientOptions, openClient, printLine } from '../client-command.ts';

export function addDelete(program: Command): void {
  addClientCommand(
    program,
    'delete <id>',
    'remove a job that has ended, with its checkpoints and history',
    'epochd delete job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ).action(async (id: string, options: ClientOptions) => {
    await openClient(options).delete(id);
    printLine(`${id} is deleted`);
  });
}
