import type { Command } from 'commander';
import { addClientCommand, type ClientOptions, openClient, printLine } from '../client-command.ts';

export function addRetry(program: Command): void {
  addClientCommand(
    program,
    'retry <id>',
    'queue a failed or cancelled job again; it goes on from its last checkpoint',
    'epochd retry job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ).action(async (id: string, options: ClientOptions) => {
    const { state } = await openClient(options).retry(id);
    printLine(`${id} is ${state}`);
  });
}
