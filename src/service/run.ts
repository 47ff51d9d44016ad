import { once } from 'node:events';
import type { Logger } from 'pino';
import { type Config, readConfig, unknownVariables } from '../config/config.ts';
import { openTerminalLog } from '../log/log.ts';
import { surviveLostOutput } from '../log/lost-output.ts';
import { makeDataFolder } from './data-folder.ts';

/** What is still open this long after everything was closed keeps nobody waiting. */
const LEFT_OPEN_MS = 1_000;

/** What the parts of a service are started with. */
export interface Service {
  readonly config: Config;
  readonly log: Logger;
  /** What the file system of the data folder does without, in sentences. */
  readonly folderLimits: readonly string[];
  /** Aborts when the service is told to end. */
  readonly stopping: AbortSignal;
  /** Says how a part is closed at the end; the last one started is closed first. */
  readonly keep: (close: () => Promise<void>) => void;
}

type Start = (service: Service) => Promise<void>;

/**
 * Starts a service and runs it until SIGINT or SIGTERM, then closes its parts one after the other. A second signal ends the
 * process at once. Throws ConfigInvalid, DataFolderUnusable and, after closing the parts that did start, what went wrong at the start.
 */
export async function runService(start: Start): Promise<void> {
  const surroundings = await openSurroundings();
  const { config, log } = surroundings;
  for (const sentence of unknownVariables()) log.warn(sentence);
  const folderLimits = await makeDataFolder(config.dataDir, log);
  await run(start, { ...surroundings, folderLimits }, nextSignal());
}

/** As `runService`, in a process that a service started: it ends with that one, which has looked at the data folder. */
export async function runPart(start: Start): Promise<void> {
  // By now it may be gone.
  const isAlone = process.connected ? once(process, 'disconnect') : Promise.resolve();
  const ended = Promise.race([nextSignal(), isAlone.then(() => 'the end of the service')]);
  await run(start, { ...(await openSurroundings()), folderLimits: [] }, ended);
  // While it stands, this process does not end.
  if (process.connected) process.disconnect();
}

async function openSurroundings(): Promise<Pick<Service, 'config' | 'log'>> {
  const config = readConfig();
  surviveLostOutput();
  // What this and its child processes write is for this user alone: specs, data and models are nobody else's.
  process.umask(0o077);
  const log = await openTerminalLog(config);
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'a fault in epochd: the process ends, its runs go on later'));
  return { config, log };
}

const nextSignal = (): Promise<string> => Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal).then(() => signal)));

async function run(start: Start, surroundings: Omit<Service, 'keep' | 'stopping'>, ended: Promise<string>): Promise<void> {
  const { log } = surroundings;
  const closers: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const untilTold = async (): Promise<void> => {
    const signal = await ended;
    stopping.abort();
    log.info({ signal }, 'shutting down; a second signal ends the process at once');
  };
  const service = { ...surroundings, stopping: stopping.signal, keep: (close: () => Promise<void>) => void closers.unshift(close) };
  let isStarted = false;
  try {
    const told = untilTold();
    const begin = async (): Promise<void> => {
      await start(service);
      isStarted = true;
    };
    await Promise.race([begin(), told]);
    await told;
  } finally {
    stopping.abort();
    process.once('SIGINT', endNow).once('SIGTERM', endNow);
    await closeAll(closers, log);
  }
  // A part that is still being started, such as one that waits for Redis, would keep the process alive.
  if (!isStarted) process.exit();
  // Nor may a connection do so that waits for an answer which never comes.
  setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
}

function endNow(): never {
  process.exit(1);
}

/** One that fails does not keep the others from closing. */
async function closeAll(closers: readonly (() => Promise<void>)[], log: Logger): Promise<void> {
  for (const close of closers) {
    await close().catch((error: unknown) => {
      log.error({ err: error }, 'a part of the service did not close');
      process.exitCode = 1;
    });
  }
}
