import { DataFolderMismatch } from '../../contract/errors.ts';
import type { App } from '../../jobs/context.ts';
import { type FolderGuard, type FolderRegistry, guardFolder } from '../../runs/folder-guard.ts';

/** How often Redis is asked whom the queue belongs to; the folder itself is looked at with every request. */
const ASK_MS = 2_000;

/**
 * Refuses every request about jobs while the data folder is not the one that the queue belongs to: from another one an accepted
 * job would be answered 404, and a new one be lost.
 */
export async function guardDataFolder(app: App, dataDir: string, registry: FolderRegistry): Promise<FolderGuard> {
  const guard = await guardFolder(dataDir, registry);
  let isWrong = false;
  const ask = async (): Promise<void> => {
    try {
      await guard.refresh();
      if (isWrong) app.log.info({ data_dir: dataDir }, 'this is the data folder of the queue again');
      isWrong = false;
    } catch (error) {
      if (!(error instanceof DataFolderMismatch)) {
        app.log.debug({ err: error }, 'whether this is the right data folder is not known');
        return;
      }
      if (!isWrong) app.log.error({ err: error }, 'this is not the data folder of the queue: no job is taken or shown');
      isWrong = true;
    }
  };
  await ask();
  const asking = setInterval(() => void ask(), ASK_MS).unref();
  app.addHook('preClose', async () => clearInterval(asking));
  app.addHook('preHandler', async ({ routeOptions: { url = '' } }) => {
    if (/^\/v1\/jobs(?!\/validate)/.test(url)) await guard.check();
  });
  return guard;
}
