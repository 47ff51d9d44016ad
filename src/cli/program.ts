import { Command } from 'commander';
import { DESCRIPTION, VERSION } from '../version.ts';
import { addApi } from './commands/api.ts';
import { addCancel } from './commands/cancel.ts';
import { addCheck } from './commands/check.ts';
import { addDelete } from './commands/delete.ts';
import { addDoctor } from './commands/doctor.ts';
import { addFollow } from './commands/follow.ts';
import { addGet } from './commands/get.ts';
import { addList } from './commands/list.ts';
import { addOpenApi } from './commands/openapi.ts';
import { addRetry } from './commands/retry.ts';
import { addServe } from './commands/serve.ts';
import { addSubmit } from './commands/submit.ts';
import { addWorker } from './commands/worker.ts';

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
    addCheck,
    addDoctor,
    addOpenApi,
  ];
  for (const add of adders) add(program);
  return program;
}
