import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** sun_path holds 104 bytes on BSD and macOS, 108 on Linux, and the names in the folder need their share. */
const MAX_FOLDER_BYTES = 75;

/**
 * The folder, only for this user, of the unix sockets that belong to a data folder: in it, or, where that makes the path too
 * long for a socket, a temporary one that is always the same for the same data folder.
 */
export async function socketFolder(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const within = join(dataDir, 'sockets');
  if (Buffer.byteLength(within) <= MAX_FOLDER_BYTES) return ownFolder(within);
  const hash = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex');
  return ownFolder(join(tmpdir(), `epochd-${hash.slice(0, 20)}`));
}

/** Throws when somebody else made the folder first: they could answer in place of Redis. */
async function ownFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const status = await lstat(path);
  const { uid } = userInfo();
  if (!status.isDirectory() || (uid !== -1 && status.uid !== uid))
    throw new Error(`${path}: expected a folder that belongs to this user (uid ${uid}), not to uid ${status.uid}`);
  await chmod(path, 0o700);
  return path;
}
