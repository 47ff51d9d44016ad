import { redisUrl } from './doctor/redis-url.mjs';

// health.mjs api|worker: what the containers' health checks run. Exit code 0 when the process beside it can do its work.

const checks = {
  api: async (env) => (await fetch(`http://127.0.0.1:${env.EPOCHD_PORT || 8080}/readyz`)).ok,
  worker: async (env) => (await redisUrl.inspect({ env })).ok,
};

process.exitCode = (await checks[process.argv[2]](process.env)) ? 0 : 1;
