import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { EpochdError } from '../contract/errors.ts';
import { makeWithParents } from '../storage/folder-writes.ts';

/** Thrown when the data folder cannot be made, nothing can be read from it or written into it, or its file system lacks what it needs. */
export class DataFolderUnusable extends EpochdError {
  readonly code = 'data_folder_unusable';
  readonly kind = 'user';
}

interface FolderProbe {
  readonly limits: readonly string[];
  readonly space: string | null;
}

interface FileSystemScript {
  probeFolder(folder: string): Promise<FolderProbe>;
  faultSentence(probe: FolderProbe): string | null;
}

/** The doctor tries the same before anything is installed or built. */
const SCRIPT = new URL('../../scripts/doctor/file-system.mjs', import.meta.url);

/**
 * Makes the folder, for this user alone, and tries what it can do; says what is worth knowing, and gives what it does without, in
 * sentences. Throws DataFolderUnusable.
 */
export async function makeDataFolder(dataDir: string, log: Logger): Promise<readonly string[]> {
  const name = `EPOCHD_DATA_DIR=${dataDir}`;
  const { probeFolder, faultSentence } = (await import(SCRIPT.href)) as FileSystemScript;
  let probe: FolderProbe;
  try {
    for (const folder of [dataDir, join(dataDir, 'runs')]) {
      await makeWithParents(folder);
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    }
    probe = await probeFolder(dataDir);
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      log.error({ data_dir: dataDir }, 'the data folder is full: jobs can be read, and none is taken');
      return [];
    }
    throw new DataFolderUnusable(`${name}: expected a folder that this user can write to (${message})`, { cause });
  }
  const fault = faultSentence(probe);
  if (fault !== null) throw new DataFolderUnusable(`${name}: ${fault}`);
  const { limits, space } = probe;
  for (const limit of space === null ? limits : [...limits, space])
    log.warn({ data_dir: dataDir, limit }, 'the data folder is less than it could be');
  return limits;
}
