import type { Logger } from 'pino';
import { DataFolderMismatch } from '../contract/errors.ts';
import type { FolderGuard } from '../runs/folder-guard.ts';

/** How often Redis is asked whom the queue belongs to; the folder itself is looked at with every request. */
const ASK_MS = 2_000;

type Log = Pick<Logger, 'info' | 'debug' | 'error'>;

/** Asks at once and from then on, and says when the answer changes. Resolves to what ends it. */
export async function askForFolder(guard: FolderGuard, log: Log): Promise<() => void> {
  let isWrong = false;
  const ask = async (): Promise<void> => {
    try {
      await guard.refresh();
      if (isWrong) log.info({ folder: guard.id }, 'this is the data folder of the queue again');
      isWrong = false;
    } catch (error) {
      if (!(error instanceof DataFolderMismatch)) {
        log.debug({ err: error }, 'whether this is the right data folder is not known');
        return;
      }
      if (!isWrong) log.error({ err: error }, 'this is not the data folder of the queue: no job is taken or shown');
      isWrong = true;
    }
  };
  await ask();
  const asking = setInterval(() => void ask(), ASK_MS).unref();
  return () => clearInterval(asking);
}
