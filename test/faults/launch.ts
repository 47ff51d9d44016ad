import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN } from '../built.ts';
import { WITHOUT_OVERRIDE } from '../disks/permissions.ts';
import { plainEnvironment } from '../epochd.ts';

export interface Command {
  readonly command: 'api' | 'worker';
  readonly env: Readonly<Record<string, string>>;
}

/** One process of a service. */
export interface Launched {
  readonly pid: number;
  /** Resolves, when it is gone, to its exit code, or to the signal that ended it. */
  readonly gone: Promise<number | NodeJS.Signals>;
  isGone(): boolean;
  isReady(): boolean;
  /** Where an API listens. */
  url(): string;
  /** The end of what it logged. */
  log(): string;
  logBytes(): number;
}

const LOG_KEPT = 64 * 1024;
const READY = { api: /epochd listens on (\S+)/, worker: /the worker takes jobs/ };

export function launch({ command, env }: Command): Launched {
  const [file, ...args] = [...WITHOUT_OVERRIDE, process.execPath, MAIN, command];
  const child = spawn(file, args, {
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a group of its own, which its trainers share: so they are found when it is gone.
    detached: true,
  });
  const output = collect(child, READY[command]);
  return {
    ...output,
    pid: child.pid ?? 0,
    gone: once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals),
    isGone: () => child.exitCode !== null || child.signalCode !== null,
  };
}

/** Of a process that writes without end only the end is kept. */
function collect(child: ChildProcess, ready: RegExp): Pick<Launched, 'isReady' | 'url' | 'log' | 'logBytes'> {
  let log = '';
  let bytes = 0;
  let found: RegExpExecArray | null = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      bytes += data.length;
      log = (log + data.toString()).slice(-LOG_KEPT);
      found ??= ready.exec(log);
    });
  }
  return { isReady: () => found !== null, url: () => found?.[1] ?? '', log: () => log, logBytes: () => bytes };
}
