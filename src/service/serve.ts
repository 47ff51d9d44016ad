import { answersSoon } from '../queue/reach.ts';
import { startServiceApi } from './api.ts';
import { provideRedis } from './redis.ts';
import { runService } from './run.ts';
import { keepWorker } from './worker-process.ts';

/** Runs the API, a worker in a process of its own, and, where REDIS_URL names none, a Redis of its own, until it is told to stop. Throws as `runService`. */
export const runAll = (): Promise<void> =>
  runService(async (service) => {
    const redis = await provideRedis(service);
    // Who reads that the API listens finds the worker at work, but a worker that waits for Redis keeps nobody from reading.
    const parts = (await answersSoon(redis)) ? [keepWorker, startServiceApi] : [startServiceApi, keepWorker];
    for (const start of parts) await start(service, redis);
  });
