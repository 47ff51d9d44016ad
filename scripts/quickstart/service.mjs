import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { whyTaken } from '../doctor/port.mjs';
import { ScriptFailed } from '../script.mjs';

const pollMilliseconds = 100;
const readyMilliseconds = 60_000;
/** Handing over a training and stopping Redis each have ten seconds. */
const stopMilliseconds = 30_000;

/**
 * Starts `epochd serve` (Redis, API, worker) and waits until it is ready. Its log goes to a file in the data folder; it is
 * stopped by `stop`, and when `signal` says so: before it was ready, then there is none (null). Throws ScriptFailed.
 */
export async function startService(ctx, signal) {
  mkdirSync(ctx.data, { recursive: true, mode: 0o700 });
  const log = join(ctx.data, 'quickstart.log');
  const child = await launch(ctx, log);
  const stop = stopperOf(child);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const url = await address(child, log);
    await untilReady(url, child, log);
    return { url, log, ended: once(child, 'exit'), stop };
  } catch (failure) {
    await stop();
    if (signal.aborted) return null;
    throw failure;
  }
}

/** In a process group of its own, so that Ctrl-C reaches it once, and from here. */
async function launch(ctx, log) {
  const logFile = openSync(log, 'w', 0o600);
  const env = { ...ctx.env, EPOCHD_DATA_DIR: ctx.data, EPOCHD_PORT: String(await choosePort(ctx)) };
  const child = spawn(process.execPath, [join(ctx.root, 'dist/main.js'), 'serve'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', logFile],
  });
  closeSync(logFile);
  return child;
}

async function choosePort({ env, say }) {
  const wanted = Number(env.EPOCHD_PORT || 8080);
  const reason = await whyTaken(env.EPOCHD_HOST || '127.0.0.1', wanted);
  if (!reason) return wanted;
  say(`Port ${wanted} cannot be listened on (${reason}): taking a free one.`);
  return 0;
}

/** From the line that serve prints once it listens. */
async function address(child, log) {
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /listens on (http:\S+)/.exec(line) ?? [];
    if (url) {
      child.stdout.resume();
      return url;
    }
  }
  throw new ScriptFailed(`epochd serve ended before it listened. Its last words:\n${lastWords(log)}`);
}

async function untilReady(url, child, log) {
  for (const deadline = performance.now() + readyMilliseconds; performance.now() < deadline; await delay(pollMilliseconds)) {
    if (child.exitCode !== null) break;
    // An API that does not answer yet is not ready, whatever the reason.
    const isReady = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
  }
  throw new ScriptFailed(`epochd serve did not become ready. Its last words:\n${lastWords(log)}`);
}

function lastWords(log) {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-10).join('\n');
}

/** Stops serve once, however often it is called: a second SIGTERM would end it without handing its training over. */
function stopperOf(child) {
  let stopping;
  return () => {
    stopping ??= stop(child);
    return stopping;
  };
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), stopMilliseconds);
  await ended;
  clearTimeout(timer);
}
