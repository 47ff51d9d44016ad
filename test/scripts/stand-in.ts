import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../folders.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Writes files by their paths below a folder. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Makes executables that are run by node. */
export function writeExecutables(folder: string, programs: Record<string, string>): void {
  for (const [name, program] of Object.entries(programs)) {
    writeFiles(folder, { [name]: `#!${process.execPath}\n${program}` });
    chmodSync(join(folder, name), 0o755);
  }
}

const lock = JSON.stringify({ packages: { '': {}, 'node_modules/typescript': { version: '1.0.0', integrity: 'sha512-x' } } });

/** Stands in for tsc: copies src to the folder after --outDir, or fails when a source says so. */
const compiler = `
const fs = require('node:fs');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
fs.cpSync('src', out, { recursive: true });
if (fs.readFileSync('src/main.js', 'utf8').includes('wrong')) { console.error('src/main.js: wrong'); process.exit(2); }
`;

/** Stands in for npm: says in npm.log that it runs, waits while there is a file named hold, and installs the compiler. */
const npm = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
while (fs.existsSync('hold')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
fs.writeFileSync('node_modules/typescript/bin/tsc', ${JSON.stringify(compiler)});
fs.writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(lock)});
`;

export interface StandIn {
  readonly root: string;
  /** The only folder on PATH. */
  readonly bin: string;
  readonly env: Record<string, string>;
}

/** A checkout with the real scripts, and small stand-ins for npm, the compiler, Redis and the sources. */
export function standInCheckout(): StandIn {
  const root = temporaryFolder();
  for (const folder of ['scripts', 'core']) {
    cpSync(join(checkout, folder), join(root, folder), { recursive: true, filter: (path) => path !== join(checkout, 'core/build') });
  }
  writeFiles(root, { 'package.json': '{}', 'package-lock.json': lock, 'tsconfig.json': '{}', 'src/main.js': '' });
  const bin = join(root, 'bin');
  writeExecutables(bin, { npm, 'redis-server': '' });
  return { root, bin, env: { PATH: bin, HOME: root, EPOCHD_CACHE_DIR: join(root, 'cache') } };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Outcome>;
}

/** Starts one of the stand-in's scripts. */
export function startScript({ root, env }: StandIn, script: string, ...args: string[]): Started {
  const child = spawn(process.execPath, [join('scripts', script), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...printed }));
  });
  return { child, printed, ended };
}

/** Runs one of the stand-in's scripts to its end. */
export function runScript(standIn: StandIn, script: string, ...args: string[]): Promise<Outcome> {
  return startScript(standIn, script, ...args).ended;
}
