import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCancel } from './cancel.ts';
import { addDelete } from './delete.ts';
import { addDoctor } from './doctor.ts';
import { addFollow } from './follow.ts';
import { addGet } from './get.ts';
import { addList } from './list.ts';
import { addRetry } from './retry.ts';
import { addSubmit } from './submit.ts';

const { version, description } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  description: string;
};

/** All commands. Parsing throws CommanderError instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('epochd')
    .description(description)
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ epochd serve\n  $ epochd submit examples/seed.json --follow\n\nSettings come from the environment: see the README.',
    );
  const adders = [addSubmit, addFollow, addList, addGet, addCancel, addRetry, addDelete, addDoctor];
  for (const add of adders) add(program);
  return program;
}
