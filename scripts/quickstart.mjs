import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { formatHistory } from './quickstart/history.mjs';
import { startService } from './quickstart/service.mjs';
import { request, trainSeed } from './quickstart/train.mjs';
import { runScript } from './script.mjs';
import { createContext } from './setup/context.mjs';
import { setUp } from './setup/set-up.mjs';

const usage = `usage: npm run quickstart [-- --once]

Sets epochd up, starts it (Redis, API, worker), and trains the model of the seed on real reviews. Stays up until Ctrl-C,
or with --once exits when the training has ended: 0 when it succeeded.
`;
const interruptedCode = 130;

await runScript(async () => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) return process.stdout.write(usage) && 0;
  const ctx = createContext();
  await setUp(ctx);

  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt.abort());
  const service = await startService(ctx, interrupt.signal);
  if (!service) return interruptedCode;
  try {
    return await demonstrate(service, ctx, interrupt.signal, values.once);
  } finally {
    ctx.say('Stopping epochd ...');
    await service.stop();
  }
});

async function demonstrate(service, ctx, signal, isOnce) {
  process.stdout.write(`epochd is up: ${service.url} (log: ${service.log})\n\n`);
  const job = await trainSeed(service.url, ctx, signal);
  if (!job) return interruptedCode;
  await report(job, service.url);
  if (isOnce) return job.state === 'succeeded' ? 0 : 1;
  process.stdout.write('\nepochd stays up; Ctrl-C stops it.\n');
  await Promise.race([once(signal, 'abort'), service.ended]);
  return signal.aborted ? 0 : 1;
}

async function report(job, url) {
  const resource = `${url}/v1/jobs/${job.id}`;
  const history = await request(`${resource}/history`);
  process.stdout.write(`
${job.id} ${job.state}${job.state_reason ? ` (${job.state_reason})` : ''}${job.error ? `: ${job.error.message}` : ''}

${formatHistory(history)}

model     ${resource}/checkpoints/best/model?format=tfjs
curves    ${resource}/curves.svg
job       ${resource}
API docs  ${url}/docs
`);
}
