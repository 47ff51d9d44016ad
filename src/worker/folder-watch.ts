import type { Logger } from 'pino';
import { DataFolderMismatch } from '../contract/errors.ts';
import type { Consumer } from '../queue/consumer.ts';
import type { FolderGuard } from '../runs/folder-guard.ts';

/** How often whether this is the right folder is looked at. */
export const FOLDER_LOOK_MS = 2_000;

const FIRST_WORD_MS = 10_000;
const LAST_WORD_MS = 600_000;

/** Keeps a worker that sees the wrong data folder from taking runs. */
export interface FolderWatch {
  /** Throws DataFolderMismatch, after it has seen to it that nothing more is taken, and what else keeps it from looking. */
  look(): Promise<string>;
}

/** Says what is wrong at growing intervals, and lets the worker go on once it is mended. */
export function watchFolder(guard: FolderGuard, consumer: Pick<Consumer, 'pause' | 'resume'>, log: Logger): FolderWatch {
  let isWrong = false;
  let pauseMs = FIRST_WORD_MS;
  let saidAt = Number.NEGATIVE_INFINITY;

  const stop = async (error: DataFolderMismatch): Promise<void> => {
    isWrong = true;
    await consumer.pause();
    if (performance.now() - saidAt < pauseMs) return;
    pauseMs = saidAt === Number.NEGATIVE_INFINITY ? FIRST_WORD_MS : Math.min(2 * pauseMs, LAST_WORD_MS);
    saidAt = performance.now();
    log.error({ err: error }, 'this is not the data folder of the queue: this worker takes nothing');
  };

  const goOn = async (): Promise<void> => {
    isWrong = false;
    saidAt = Number.NEGATIVE_INFINITY;
    pauseMs = FIRST_WORD_MS;
    await consumer.resume();
    log.info('this is the data folder of the queue again: this worker takes runs');
  };

  return {
    async look() {
      try {
        const id = await guard.refresh();
        if (isWrong) await goOn();
        return id;
      } catch (error) {
        if (error instanceof DataFolderMismatch) await stop(error);
        throw error;
      }
    },
  };
}
