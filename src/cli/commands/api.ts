import type { Command } from 'commander';

const HELP = `
Example:
  $ REDIS_URL=redis://127.0.0.1:6379 EPOCHD_DATA_DIR=/srv/epochd epochd api

Workers run elsewhere: with the same REDIS_URL, and the same files in EPOCHD_DATA_DIR.`;

export function addApi(program: Command): void {
  program
    .command('api')
    .description('run the API alone; needs REDIS_URL')
    .addHelpText('after', HELP)
    .action(async () => {
      const [{ runService }, { requireRedis }, { startServiceApi }] = await Promise.all([
        import('../../service/run.ts'),
        import('../../service/redis.ts'),
        import('../../service/api.ts'),
      ]);
      await runService((service) => startServiceApi(service, requireRedis(service)));
    });
}
