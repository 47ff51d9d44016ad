import { Command } from 'commander';
import { addApi } from './api.ts';
import { addCancel } from './cancel.ts';
import { addDelete } from './delete.ts';
import { addDoctor } from './doctor.ts';
import { addFollow } from './follow.ts';
import { addGet } from './get.ts';
import { addList } from './list.ts';
import { addOpenApi } from './openapi.ts';
import { addRetry } from './retry.ts';
import { addServe } from './serve.ts';
import { addSubmit } from './submit.ts';
import { DESCRIPTION, VERSION } from './version.ts';
import { addWorker } from './worker.ts';

/** All commands. Parsing throws CommanderError instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('epochd')
    .description(DESCRIPTION)
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ epochd serve\n  $ epochd submit examples/seed.json --follow\n\nSettings come from the environment: see the README.',
    );
  const adders = [
    addServe,
    addApi,
    addWorker,
    addSubmit,
    addFollow,
    addList,
    addGet,
    addCancel,
    addRetry,
    addDelete,
    addDoctor,
    addOpenApi,
  ];
  for (const add of adders) add(program);
  return program;
}
