import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cacheFolder, dataFolder } from './doctor/folders.mjs';
import { gpu } from './doctor/gpu.mjs';
import { imdb } from './doctor/imdb.mjs';
import { port } from './doctor/port.mjs';
import { redisUrl } from './doctor/redis-url.mjs';
import { tensorflow } from './doctor/tensorflow.mjs';
import { binding } from './setup/binding.mjs';
import { createContext } from './setup/context.mjs';
import { library } from './setup/library.mjs';
import { chooseVariant, requirements } from './setup/set-up.mjs';
import { compiler, pip, python } from './setup/tools.mjs';

/**
 * Everything epochd needs or can use: `[{ name, ok, found, needed, mend, optional }]`, mend being the command that gets it.
 * Changes nothing.
 *
 * @param {{ env?: NodeJS.ProcessEnv, root?: string }} [options]
 */
export async function diagnose({ env = process.env, root } = {}) {
  const base = createContext({ env, root });
  const ctx = { ...base, variant: chooseVariant(base) };
  const forTensorflow = [library, binding, tensorflow, python, pip, compiler].map((one) => ({ ...one, optional: true }));
  const queue = env.REDIS_URL ? [redisUrl] : [];
  const setup = requirements({ withRedis: !env.REDIS_URL });
  const all = [...setup, ...queue, ...forTensorflow, gpu, imdb, dataFolder, cacheFolder, port];
  return Promise.all(all.map((requirement) => examine(requirement, ctx)));
}

async function examine(requirement, ctx) {
  const { name, needed, optional = false } = requirement;
  return { name, ...(await requirement.inspect(ctx)), needed, mend: requirement.mend(ctx), optional };
}

/** The rows as a table for people, with what is needed and the command under each that is missing. */
export function formatDiagnosis(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.flatMap((row) => formatRow(row, width)).join('\n');
}

function formatRow({ name, ok, found, needed, mend, optional }, width) {
  const sign = ok ? '✓' : optional ? '-' : '✗';
  const line = `${sign} ${name.padEnd(width)}  ${found}`;
  const indent = ' '.repeat(width + 4);
  return ok ? [line] : [line, `${indent}${optional ? 'optional' : 'needed'}: ${needed}`, `${indent}to get it: ${mend}`];
}

/** Prints the diagnosis; the exit code is 1 when something needed is missing. */
export async function runDoctor() {
  const rows = await diagnose();
  process.stdout.write(`${formatDiagnosis(rows)}\n`);
  return rows.every(({ ok, optional }) => ok || optional) ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = await runDoctor();
