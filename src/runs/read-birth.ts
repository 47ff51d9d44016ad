import { RunDamaged } from '../contract/errors.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Birth } from './birth.ts';
import { parseSealed } from './json.ts';
import { runKey } from './keys.ts';
import { birthOfVersion1 } from './version-1/birth.ts';

/** What the run `id` is. Runs of version 0.1.0 have only a spec. Null when there is neither. Throws RunDamaged, StorageUnavailable. */
export async function readBirth(blobs: Blobs, id: string): Promise<Birth | null> {
  const key = runKey(id, 'run.json');
  const bytes = await blobs.get(key);
  if (bytes === null) return birthOfVersion1(blobs, id);
  const birth = parseSealed(bytes) as Birth | null;
  if (birth?.version === 2 && birth.spec && birth.plan && birth.data) return birth;
  throw new RunDamaged(id, `${key}: expected a birth certificate of version 2, got ${bytes.length} bytes that are none`);
}
