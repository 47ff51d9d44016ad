import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolderUnusable } from './data-folder.ts';

/** sun_path holds 104 bytes on BSD and macOS, 108 on Linux, and the names in the folder need their share. */
const MAX_FOLDER_BYTES = 75;

/**
 * The folder, only for this user, of the unix sockets that belong to a data folder: in it, or, where its path is too long for a
 * socket or its file system has none, a temporary one that is always the same for the same data folder. Throws DataFolderUnusable.
 */
export async function socketFolder(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const hash = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex');
  const temporary = [tmpdir(), '/tmp'].map((folder) => join(folder, `epochd-${hash.slice(0, 20)}`));
  const faults: string[] = [];
  for (const path of [join(dataDir, 'sockets'), ...new Set(temporary)]) {
    const fault = await whyNot(path);
    if (fault === null) return path;
    faults.push(`${path}: ${fault}`);
  }
  throw new DataFolderUnusable(
    `there is no place for the unix sockets of ${dataDir}: TMPDIR may name one. Tried:\n  ${faults.join('\n  ')}`,
  );
}

/** Null when the folder was made and sockets can be listened on in it. Throws DataFolderUnusable when it is somebody else's. */
async function whyNot(path: string): Promise<string | null> {
  if (Buffer.byteLength(path) > MAX_FOLDER_BYTES) return `longer than ${MAX_FOLDER_BYTES} bytes`;
  try {
    await makeOwn(path);
    const server = createServer();
    server.listen(join(path, `.try.${randomBytes(4).toString('hex')}`));
    await once(server, 'listening');
    await new Promise((resolve) => server.close(resolve));
    return null;
  } catch (error) {
    if (error instanceof DataFolderUnusable) throw error;
    return (error as Error).message;
  }
}

/** Throws when somebody else made the folder first: they could answer in place of Redis. */
async function makeOwn(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const status = await lstat(path);
  // Not os.userInfo(): the user of a container need not have a name.
  const uid = process.getuid?.() ?? status.uid;
  if (!status.isDirectory() || status.uid !== uid)
    throw new DataFolderUnusable(`${path}: expected a folder that belongs to this user (uid ${uid}), not to uid ${status.uid}`);
  await chmod(path, 0o700);
}
