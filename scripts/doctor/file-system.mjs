import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** What a data folder cannot do without: each makes sure that what two processes do at once happens once, or survives. */
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
  'renames of folders that replace nothing': async (at) => {
    for (const name of ['one', 'two']) await mkdir(at(name)).then(() => writeFile(join(at(name), 'file'), name));
    await refuses('ENOTEMPTY', () => rename(at('one'), at('two')), 'EEXIST');
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

const lowBytes = 1e8;

/**
 * Tries what the file system of a folder can do, in a folder of its own inside it that is gone afterwards: `lacks`, without which
 * it can be no data folder, and `limits`, which are only worth knowing; both in words.
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
    if (bavail * bsize < lowBytes) limits.push(`only ${Math.round((bavail * bsize) / 1e6)} MB are free`);
    return { lacks, limits };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** One sentence about what a folder lacks. */
export const lackSentence = (lacks) =>
  `its file system has no ${lacks.join(', no ')}: a data folder needs one that has, such as ext4, xfs, btrfs, apfs or NFS, and not exFAT or FAT`;

async function failure(attempt) {
  try {
    await attempt();
    return null;
  } catch (error) {
    return inability.includes(error.code) ? error.code : null;
  }
}

async function refuses(code, attempt, other = code) {
  try {
    await attempt();
  } catch (error) {
    if (error.code === code || error.code === other) return;
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
