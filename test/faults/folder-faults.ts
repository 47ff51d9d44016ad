import { existsSync } from 'node:fs';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNoPermissions } from '../disks/permissions.ts';
import { fill, whyNoDisk } from '../disks/small-disk.ts';
import { skipReason } from '../skip.ts';
import { runsAtWork } from './at-work.ts';
import type { Fault, Faults, Target } from './fault.ts';

const NOT_THERE = 0o000;
const READ_ONLY = 0o555;

/** Takes permissions away from a folder for a while. */
async function locked(path: string, mode: number, ms: number): Promise<boolean> {
  const before = (await stat(path)).mode;
  await chmod(path, mode);
  await sleep(ms);
  await chmod(path, before);
  return true;
}

const lockedFolder = (name: string, mode: number): Fault => ({
  where: 'folder',
  strike: ({ fleet, chance }) => locked(join(fleet.dataDir, name), mode, chance.between(300, 3000)),
});

/** The claims of a run that is at work. */
async function claimsAtWork({ fleet: { runs, dataDir } }: Target): Promise<string | null> {
  const claims = (await runsAtWork(runs)).map(({ id }) => join(dataDir, 'runs', id, 'claims'));
  // The first trainer of a run makes them.
  return claims.find((folder) => existsSync(folder)) ?? null;
}

const lockedClaims = (mode: number): Fault => ({
  where: 'folder',
  async strike(target) {
    const claims = await claimsAtWork(target);
    return claims !== null && locked(claims, mode, target.chance.between(300, 3000));
  },
});

const DISK_FAULTS: Faults = {
  'disk full': {
    where: 'folder',
    async strike({ fleet: { dataDir }, chance }) {
      // To the last byte, or so that records fit and checkpoints do not.
      const filler = await fill(dataDir, chance.pick([0, 0, 8192, 32_768]));
      await sleep(chance.between(1000, 5000));
      await rm(filler);
      return true;
    },
  },
};

const PERMISSION_FAULTS: Faults = {
  'runs read-only': lockedFolder('runs', READ_ONLY),
  'runs unreadable': lockedFolder('runs', NOT_THERE),
  'keys read-only': lockedFolder('idempotency', READ_ONLY),
  'claims read-only': lockedClaims(READ_ONLY),
  'claims unreadable': lockedClaims(NOT_THERE),
};

const cannotFill = skipReason('the random fault of a full disk', whyNoDisk());
const cannotLock = skipReason('the random faults of folders without permissions', whyNoPermissions());

export const FOLDER_FAULTS: Faults = { ...(cannotFill ? {} : DISK_FAULTS), ...(cannotLock ? {} : PERMISSION_FAULTS) };
