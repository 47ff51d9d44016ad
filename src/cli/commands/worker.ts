import { type Command, Option } from 'commander';

const HELP = `
Example:
  $ REDIS_URL=redis://127.0.0.1:6379 EPOCHD_DATA_DIR=/srv/epochd epochd worker

As many as wanted may run, on any machine that reaches this Redis and sees the same files in EPOCHD_DATA_DIR.
SIGTERM or Ctrl-C hands running trainings over to another worker.`;

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run a worker alone; needs REDIS_URL')
    .addHelpText('after', HELP)
    .addOption(new Option('--of-serve', 'end with the serve that started it').hideHelp())
    .action(async ({ ofServe }: { ofServe?: true }) => {
      const [{ runPart, runService }, { requireRedis }, { startServiceWorker }] = await Promise.all([
        import('../../service/run.ts'),
        import('../../service/redis.ts'),
        import('../../service/worker.ts'),
      ]);
      const run = ofServe ? runPart : runService;
      await run(async (service) => {
        await startServiceWorker(service, requireRedis(service));
        // A serve waits for that, if it is still there.
        process.send?.('ready', () => undefined);
      });
    });
}
