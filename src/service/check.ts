import { readConfig } from '../config/config.ts';
import { describeDataset } from '../datasets/sources.ts';
import { planSpec } from '../plan/plan.ts';
import { checkRun } from '../runs/check/check.ts';
import type { Derive, Finding } from '../runs/check/finding.ts';
import { openRuns } from '../runs/store.ts';
import { openFolder } from '../storage/folder.ts';
import { holdDataFolder } from './data-lock.ts';
import { socketFolder } from './socket-folder.ts';

/** What a check came upon. */
export interface Checked {
  readonly runs: number;
  readonly damaged: number;
  readonly findings: number;
  /** Findings that are still there. */
  readonly left: number;
}

/**
 * Reads every run of the data folder, tells of all that is damaged, and repairs what can be, if `repair`. No `serve` may work on the
 * folder meanwhile. Throws ConfigInvalid, DataFolderTaken, DataFolderUnusable, StorageFull, StorageUnavailable.
 */
export async function checkDataFolder(repair: boolean, tell: (finding: Finding) => void): Promise<Checked> {
  const { dataDir } = readConfig();
  const release = await holdDataFolder(dataDir, await socketFolder(dataDir));
  try {
    return await checkAll(dataDir, repair, tell);
  } finally {
    await release();
  }
}

async function checkAll(dataDir: string, repair: boolean, tell: (finding: Finding) => void): Promise<Checked> {
  const blobs = await openFolder(dataDir);
  const ids = await openRuns(blobs).list();
  let [damaged, findings, left] = [0, 0, 0];
  for (const id of ids) {
    const found: Finding[] = [];
    for await (const finding of checkRun(blobs, id, derive)) {
      found.push(finding);
      tell(finding);
      if (repair) await finding.repair?.run();
    }
    damaged += found.length > 0 ? 1 : 0;
    findings += found.length;
    left += found.filter((finding) => !repair || finding.repair === null).length;
  }
  return { runs: ids.length, damaged, findings, left };
}

/** As when a job is accepted. */
const derive: Derive = async (spec) => {
  const data = await describeDataset(spec.dataset);
  return { spec, data, plan: planSpec(spec, data) };
};
