import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';

const ADVISORIES = new URL('advisories.json', import.meta.url);

/**
 * Compares package-lock.json with the advisories that are known here: it needs no network, and finds only what the table holds. Throws
 * an error that names every package that is vulnerable, unless the table says why that is accepted.
 */
export function checkLockfile({ root }, advisories = JSON.parse(readFileSync(ADVISORIES, 'utf8'))) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = Object.entries(packages).flatMap(([path, { version }]) =>
    advisories
      .filter((advisory) => path.split('node_modules/').at(-1) === advisory.package && semver.satisfies(version, advisory.vulnerable))
      .filter(({ accepted }) => accepted === undefined)
      .map(({ id, summary, vulnerable, source }) => `${path}: ${version} is ${vulnerable}: ${id}, ${summary}; ${source}`),
  );
  if (found.length > 0) throw new Error(found.join('\n'));
}
