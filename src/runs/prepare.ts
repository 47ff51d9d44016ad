import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint, MetricPoint } from '../training/checkpoint.ts';
import { type Damage, listSteps, readCheckpoint, stepFolder } from './checkpoint-folder.ts';
import { claimFolder, currentClaimFolder, listClaims } from './claim-folder.ts';
import { appendLines, hasCode, named, readLines, syncFolder } from './files.ts';

/**
 * Lays out the folder of a new claim beside that of the claim before it, and gives the checkpoint to go on from (null: from the
 * start). Checkpoints are hard links; history and metrics are cut back to what that checkpoint knows, so that nothing appears
 * twice. Damaged checkpoints stay behind, named in events.jsonl. Throws StorageFull.
 */
export async function prepareClaim(
  folder: string,
  claim: number,
): Promise<{ path: string; checkpoint: Checkpoint | null; damaged: Damage[] }> {
  const path = claimFolder(folder, claim);
  const temporary = `${path}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  const before = await currentClaimFolder(folder, claim - 1);
  return named(path, async () => {
    await mkdir(join(temporary, 'checkpoints'), { recursive: true });
    const { checkpoint, damaged } = before === null ? { checkpoint: null, damaged: [] } : await inheritCheckpoints(before, temporary);
    const points = before === null || checkpoint === null ? [] : await readLines<MetricPoint>(join(before, 'metrics.jsonl'));
    const { history = [], step = 0 } = checkpoint?.state ?? {};
    await appendLines(join(temporary, 'history.jsonl'), history);
    await appendLines(
      join(temporary, 'metrics.jsonl'),
      points.filter((point) => point.step <= step && point.epoch <= history.length),
    );
    const events = before === null ? [] : await readLines(join(before, 'events.jsonl'));
    await appendLines(join(temporary, 'events.jsonl'), [
      ...events,
      ...damaged.map((damage) => ({ type: 'checkpoint_damaged', claim, ...damage })),
    ]);
    await rename(temporary, path);
    await syncFolder(join(folder, 'claims'));
    return { path, checkpoint, damaged };
  });
}

/** Links every checkpoint that is whole, and gives the newest of them. */
async function inheritCheckpoints(before: string, temporary: string): Promise<{ checkpoint: Checkpoint | null; damaged: Damage[] }> {
  const damaged: Damage[] = [];
  let newest: Checkpoint | null = null;
  for (const step of await listSteps(join(before, 'checkpoints'))) {
    const read = await readCheckpoint(join(before, 'checkpoints'), step);
    if ('detail' in read) {
      damaged.push(read);
      continue;
    }
    newest ??= read;
    await linkFolder(stepFolder(join(before, 'checkpoints'), step), stepFolder(join(temporary, 'checkpoints'), step));
  }
  return { checkpoint: newest, damaged };
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    await link(join(from, name), join(to, name)).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP')) throw error;
      await copyFile(join(from, name), join(to, name));
    });
  }
}

/** Removes the folders of claims before the one that holds the run's results: the run has ended. */
export async function dropOlderClaims(folder: string, claim: number): Promise<void> {
  for (const older of (await listClaims(folder)).filter((number) => number <= claim).slice(0, -1)) {
    await rm(claimFolder(folder, older), { recursive: true, force: true });
  }
}
