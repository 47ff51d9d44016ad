import { listUnfinished } from '../../src/runs/changes.ts';
import { openSettlement } from '../../src/runs/settle.ts';
import { upgrade } from '../../src/runs/version-1/upgrade.ts';
import type { Blobs } from '../../src/storage/storage.ts';

/** Settles now and an hour later, as every worker does each minute. */
export async function settleAll(blobs: Blobs): Promise<void> {
  await upgrade(blobs);
  let elapsedMs = 0;
  const settle = openSettlement(
    blobs,
    () => new Date(),
    () => elapsedMs,
  );
  for (const hours of [0, 1]) {
    elapsedMs = hours * 3_600_000;
    for (const unfinished of await listUnfinished(blobs)) await settle(unfinished);
  }
}
