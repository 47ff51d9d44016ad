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
      const [{ runService }, { provideRedis }, { startServiceApi }, { startServiceWorker }, { answersSoon }] = await Promise.all([
        import('../../service/run.ts'),
        import('../../service/redis.ts'),
        import('../../service/api.ts'),
        import('../../service/worker.ts'),
        import('../../queue/reach.ts'),
      ]);
      await runService(async (service) => {
        const redis = await provideRedis(service);
        // Who reads that the API listens finds the worker at work, but a worker that waits for Redis keeps nobody from reading.
        const parts = (await answersSoon(redis)) ? [startServiceWorker, startServiceApi] : [startServiceApi, startServiceWorker];
        for (const start of parts) await start(service, redis);
      });
    });
}
