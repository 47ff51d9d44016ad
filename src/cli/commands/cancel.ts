import type { Command } from 'commander';
import { addClientCommand, type ClientOptions, openClient, printLine } from '../client-command.ts';

export function addCancel(program: Command): void {
  addClientCommand(
    program,
    'cancel <id>',
    'cancel a job that waits or runs; what it has trained so far stays',
    'epochd cancel job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ).action(async (id: string, options: ClientOptions) => {
    const { state } = await openClient(options).cancel(id);
    printLine(`${id} is ${state}`);
  });
}
