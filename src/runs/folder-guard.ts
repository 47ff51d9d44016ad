import { randomBytes } from 'node:crypto';
import { DataFolderMismatch, StorageUnavailable } from '../contract/errors.ts';
import { jobIdSchema } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { RUNS } from './keys.ts';

/*
 * The queue belongs to one data folder, whose identity is registered beside it. The first process whose folder holds runs, or that
 * is about to accept one, registers its own; again after the registry was emptied. A process that was refused once does not
 * register: an empty folder cannot take the queue over. Folders are looked at each time: they are mounted late, and they vanish.
 */

/** A folder that is not mounted, or another one, looks like a folder whose runs were all withdrawn: by this blob, `{ id, created_at }`, it is known. */
const IDENTITY = 'identity.json';

/** Where the identity is registered: beside the queue. */
export interface FolderRegistry {
  readonly folderKey: string;
  /** The one that is registered. Throws QueueUnavailable. */
  folder(): Promise<string | null>;
  /** Registers an identity unless one is; gives the one that is. Throws QueueUnavailable. */
  registerFolder(id: string): Promise<string>;
}

export interface FolderGuard {
  /** The identity that the folder had when it was last looked at. */
  readonly id: string | null;
  /** The identity of the folder, looked at now. Throws DataFolderMismatch when the queue is known to belong to another, StorageUnavailable. */
  check(): Promise<string>;
  /** Asks whom the queue belongs to, and checks. Throws also QueueUnavailable: then what was known still holds. */
  refresh(): Promise<string>;
  /** Checks, and makes sure that the queue belongs to this folder: before a run is accepted. Throws as `refresh`. */
  claim(): Promise<string>;
}

/** Gives a folder without an identity one. Throws StorageFull, StorageUnavailable. */
export async function guardFolder(blobs: Blobs, dataDir: string, registry: FolderRegistry): Promise<FolderGuard> {
  const make = (): Promise<string> => makeIdentity(blobs, new Date());
  let id: string | null = (await readIdentity(blobs)) ?? (await make());
  let registered: string | null = null;
  let wasRefused = false;

  const look = async (): Promise<string | null> => {
    id = await readIdentity(blobs);
    // Not there: the folder vanished, or one that never had an identity was mounted late.
    if (id === null && (registered === null || (await holdsRuns(blobs)))) id = await make();
    return id;
  };

  const check = async (): Promise<string> => {
    const found = await look();
    if (found !== null && (registered === null || registered === found)) return found;
    wasRefused = true;
    throw mismatch(dataDir, found, registered, registry.folderKey);
  };

  return {
    get id() {
      return id;
    },
    check,
    async refresh() {
      const known = await registry.folder();
      const found = await look();
      if (known !== null) registered = known;
      else if (found !== null && !wasRefused) registered = (await holdsRuns(blobs)) ? await registry.registerFolder(found) : null;
      if (registered !== null && registered === found) wasRefused = false;
      return check();
    },
    async claim() {
      const found = await check();
      if (registered === null) registered = await registry.registerFolder(found);
      return registered === found ? found : check();
    },
  };
}

function mismatch(dataDir: string, found: string | null, registered: string | null, key: string): DataFolderMismatch {
  const own = found === null ? 'has no identity: is it mounted?' : `is ${found}`;
  const mend = `mount the folder of ${registered} there; or, if that one was given up on purpose, `;
  const otherwise = `set EPOCHD_QUEUE_NAME to another name${found === null ? '' : `, or run redis-cli SET '${key}' ${found}`}`;
  return new DataFolderMismatch(
    `EPOCHD_DATA_DIR=${dataDir} ${own}, but the queue belongs to the data folder ${registered}. Nothing is taken and nothing is lost until that is mended: ${mend}${otherwise}`,
  );
}

/** The identity of the folder; null when it has none. Throws StorageUnavailable. */
async function readIdentity(blobs: Blobs): Promise<string | null> {
  const text = (await blobs.get(IDENTITY))?.toString() ?? null;
  if (text === null) return null;
  const [, id] = /"id":\s*"(\w+)"/.exec(text) ?? [];
  if (id === undefined) throw new StorageUnavailable(`${IDENTITY}: expected {"id": "..."}, got ${JSON.stringify(text.slice(0, 100))}`);
  return id;
}

/** Gives the storage an identity, unless it has one. Throws StorageFull, StorageUnavailable. */
async function makeIdentity(blobs: Blobs, now: Date): Promise<string> {
  const id = `data_${randomBytes(8).toString('hex')}`;
  await blobs.putIfAbsent(IDENTITY, `${JSON.stringify({ id, created_at: now.toISOString() })}\n`);
  return (await readIdentity(blobs)) ?? id;
}

/** Whether the folder holds at least one run. */
const holdsRuns = async (blobs: Blobs): Promise<boolean> =>
  (await blobs.children(RUNS)).some((name) => jobIdSchema.safeParse(name).success);
