import type { Command } from 'commander';

const HELP = `
Examples:
  $ epochd serve
  $ EPOCHD_PORT=0 EPOCHD_DATA_DIR=/srv/epochd epochd serve

SIGTERM or Ctrl-C hands running trainings over: the next start goes on with them.`;

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the API, a worker, and, where REDIS_URL names none, a Redis of its own')
    .addHelpText('after', HELP)
    .action(async () => {
      const { runAll } = await import('../../service/serve.ts');
      await runAll();
    });
}
