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
  /** Says how a part is closed at the end; the last one started is closed first. */
  readonly keep: (close: () => Promise<void>) => void;
}

/**
 * Starts a service and runs it until SIGINT or SIGTERM, then closes its parts one after the other. A second signal ends the
 * process at once. Throws ConfigInvalid, DataFolderUnusable and, after closing the parts that did start, what went wrong at the start.
 */
export async function runService(start: (service: Service) => Promise<void>): Promise<void> {
  const config = readConfig();
  surviveLostOutput();
  // What this and its child processes write is for this user alone: specs, data and models are nobody else's.
  process.umask(0o077);
  const log = await openTerminalLog(config);
  for (const sentence of unknownVariables()) log.warn(sentence);
  const folderLimits = await makeDataFolder(config.dataDir, log);
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'a fault in epochd: the process ends, its runs go on later'));
  const signalled = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal).then(() => signal)));
  const closers: (() => Promise<void>)[] = [];
  const started = start({ config, log, folderLimits, keep: (close) => closers.unshift(close) }).then(() => 'started');
  let outcome = '';
  try {
    outcome = await Promise.race([started, signalled]);
    log.info({ signal: await signalled }, 'shutting down; a second signal ends the process at once');
  } finally {
    process.once('SIGINT', endNow).once('SIGTERM', endNow);
    await closeAll(closers, log);
  }
  // A part that is still being started, such as one that waits for Redis, would keep the process alive.
  if (outcome !== 'started') process.exit();
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
