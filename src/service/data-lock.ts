import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { EpochdError } from '../contract/errors.ts';

/*
 *   serve.4711.9f3c52ab      a listening socket: its process lives as long as somebody answers
 *
 * First everyone shows a socket of their own, then looks for those of others; so of two that start together at least one sees
 * the other. Names are never used twice, so removing one that nobody answers on is always right. The kernel closes the socket
 * of a killed process: nothing stale can keep a service from starting, and a process id that was given out again means nothing.
 */

/** Thrown when another `epochd serve` works on the same data folder. */
export class DataFolderTaken extends EpochdError {
  readonly code = 'data_folder_taken';
  readonly kind = 'user';
}

/** Takes the data folder for this process; call what it resolves to, to give it back. Throws DataFolderTaken. */
export async function holdDataFolder(dataDir: string, sockets: string): Promise<() => Promise<void>> {
  const own = `serve.${process.pid}.${randomBytes(4).toString('hex')}`;
  const server = createServer((socket) => socket.destroy());
  const release = async (): Promise<void> => {
    await rm(join(sockets, own), { force: true });
    server.close();
  };
  server.listen(join(sockets, `.${own}`));
  await once(server, 'listening');
  await rename(join(sockets, `.${own}`), join(sockets, own));
  const other = await findOther(sockets, own);
  if (other === null) return release;
  await release();
  const pid = other.split('.')[1];
  throw new DataFolderTaken(
    `another epochd serve (process ${pid}) works on ${dataDir}: stop it, or give this one a folder and a port of its own by EPOCHD_DATA_DIR and EPOCHD_PORT`,
  );
}

async function findOther(sockets: string, own: string): Promise<string | null> {
  const names = (await readdir(sockets)).filter((name) => name.startsWith('serve.') && name !== own);
  for (const name of names) {
    if (await answers(join(sockets, name))) return name;
    await rm(join(sockets, name), { force: true });
  }
  return null;
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
