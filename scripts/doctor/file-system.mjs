import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** What a data folder cannot do without (src/storage/folder.ts): each makes sure that what two processes do at once happens once, or survives. */
const needed = {
  'hard links': async (at) => {
    await writeFile(at('linked'), 'a');
    await link(at('linked'), at('link'));
    await refuses('EEXIST', () => link(at('linked'), at('link')));
  },
  'files that only one can make': async (at) => {
    await writeFile(at('made'), '', { flag: 'wx' });
    await refuses('EEXIST', () => writeFile(at('made'), '', { flag: 'wx' }));
  },
  'renames over a file': async (at) => {
    await writeFile(at('old'), 'old');
    await writeFile(at('new'), 'new');
    await rename(at('new'), at('old'));
    if ((await readFile(at('old'), 'utf8')) !== 'new') throw oddly('the old file stayed');
  },
  'renames of folders with all that is in them': async (at) => {
    await mkdir(at('one')).then(() => writeFile(join(at('one'), 'file'), 'one'));
    await rename(at('one'), at('two'));
    if ((await readFile(join(at('two'), 'file'), 'utf8')) !== 'one') throw oddly('the file was lost');
  },
  'files that are flushed to the disk': (at) => flushed(at('flushed'), 'w'),
};

/** What it can do without, and what follows. */
const wanted = {
  'folders that are flushed to the disk': [(at) => flushed(at('.'), 'r'), 'a power cut may cost the newest files'],
  'unix sockets': [(at) => listened(at('s')), 'those of serve lie in the temporary folder'],
};

/** Said of an ability that is not there; whatever else the system says, such as that the disk is full, is no question of abilities. */
const inability = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EBADF', 'EACCES', 'EISDIR', 'ENOTTY', 'ODD'];

/** Blobs are made beside these, and moved or linked into them: version 0.1.0 also took a link to another disk here. */
const inside = ['runs', 'idempotency'];

const lowBytes = 1e8;

/**
 * Tries what the file system of a folder can do, in a folder of its own inside it that is gone afterwards: `lacks`, without which
 * it can be no data folder, `apart`, what lies in it and yet on another file system, and `limits`, which are only worth knowing; all in
 * words. `space` is a sentence where it is scarce, or null.
 */
export async function probeFolder(folder) {
  const place = join(folder, `.probe-${process.pid}-${randomBytes(3).toString('hex')}`);
  const at = (name) => join(place, name);
  await mkdir(place, { mode: 0o700 });
  try {
    const lacks = [];
    for (const [name, attempt] of Object.entries(needed)) {
      const code = await failure(() => attempt(at));
      if (code) lacks.push(`${name} (${code})`);
    }
    const limits = [];
    for (const [name, [attempt, consequence]] of Object.entries(wanted)) {
      const code = await failure(() => attempt(at));
      if (code) limits.push(`it has no ${name} (${code}): ${consequence}`);
    }
    const { bavail, bsize } = await statfs(folder);
    const space = bavail * bsize < lowBytes ? `only ${Math.round((bavail * bsize) / 1e6)} MB are free` : null;
    return { lacks, apart: await liesElsewhere(folder), limits, space };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** One sentence about what makes that a folder can be no data folder, or null. */
export function faultSentence({ lacks, apart }) {
  if (lacks.length > 0)
    return `its file system has no ${lacks.join(', no ')}: a data folder needs one that has, such as ext4, xfs, btrfs, apfs or NFS, and not exFAT or FAT`;
  if (apart.length > 0)
    return `${apart.join(' and ')} in it lies on another file system, and files cannot be moved from one to another at once: mount the whole folder there`;
  return null;
}

async function liesElsewhere(folder) {
  const { dev } = await stat(folder);
  const devices = await Promise.all(inside.map((name) => stat(join(folder, name)).then((status) => status.dev, ifMissing(dev))));
  return inside.filter((_, index) => devices[index] !== dev);
}

const ifMissing = (value) => (error) => {
  if (error.code === 'ENOENT') return value;
  throw error;
};

async function failure(attempt) {
  try {
    await attempt();
    return null;
  } catch (error) {
    return inability.includes(error.code) ? error.code : null;
  }
}

async function refuses(code, attempt) {
  try {
    await attempt();
  } catch (error) {
    if (error.code === code) return;
    throw error;
  }
  throw oddly(`expected ${code}`);
}

const oddly = (message) => Object.assign(new Error(message), { code: 'ODD' });

async function flushed(path, flags) {
  const file = await open(path, flags);
  try {
    if (flags === 'w') await file.writeFile('flushed');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A path that is too long for a socket says nothing of the file system. */
function listened(path) {
  if (Buffer.byteLength(path) > 100) return Promise.resolve();
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => server.close(resolve));
  });
}
