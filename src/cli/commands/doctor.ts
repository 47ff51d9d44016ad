import type { Command } from 'commander';

interface DoctorScript {
  runDoctor(): Promise<number>;
}

/** The script also runs before anything is installed or built, so it is no part of this program. */
const SCRIPT = new URL('../../../scripts/doctor.mjs', import.meta.url);

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what this machine has, what is missing, and the command that mends it')
    .addHelpText('after', '\nExample:\n  $ epochd doctor\n\nExit codes: 0 nothing needed is missing, 1 something is.')
    .action(async () => {
      const { runDoctor } = (await import(SCRIPT.href)) as DoctorScript;
      process.exitCode = await runDoctor();
    });
}
