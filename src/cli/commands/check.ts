import type { Command } from 'commander';
import { EXIT } from '../../contract/exit-codes.ts';
import { spellOut } from '../../contract/plain-text.ts';

const HELP = `
Examples:
  $ epochd check
  $ EPOCHD_DATA_DIR=/srv/epochd epochd check --repair

Stop the services that use the folder first: serve, and every api and worker. What cannot be repaired stays as it is.

Exit codes: 0 all is whole or was repaired, 1 something is damaged.`;

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('read every run in EPOCHD_DATA_DIR and say what of it is damaged')
    .option('--repair', 'make again what can be made again of what is left')
    .addHelpText('after', HELP)
    .action(async ({ repair = false }: { repair?: boolean }) => {
      const { checkDataFolder } = await import('../../service/check.ts');
      const { runs, damaged, findings, left } = await checkDataFolder(repair, ({ where, what, repair: found }) => {
        const remedy = found ? `${repair ? 'repaired' : '--repair'}: ${found.how}` : 'it cannot be repaired';
        process.stdout.write(`${spellOut(`${where}: ${what}; ${remedy}`)}\n`);
      });
      process.stdout.write(`runs: ${runs}, damaged: ${damaged}, faults: ${findings}, left: ${left}\n`);
      process.exitCode = left === 0 ? EXIT.succeeded : EXIT.failed;
    });
}
