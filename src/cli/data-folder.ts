import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { EpochdError } from '../contract/errors.ts';

/** Thrown when the data folder cannot be made, or nothing can be written into it. */
export class DataFolderUnusable extends EpochdError {
  readonly code = 'data_folder_unusable';
  readonly kind = 'user';
}

/** Throws DataFolderUnusable. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { message } = cause as Error;
    throw new DataFolderUnusable(`EPOCHD_DATA_DIR=${dataDir}: expected a folder that this user can write to (${message})`, { cause });
  }
}
