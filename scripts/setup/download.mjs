import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './command.mjs';
import { createProgress } from './progress.mjs';

const bytesPerUnit = { kB: 1e3, MB: 1e6, GB: 1e9 };
const pollMilliseconds = 250;

/**
 * Has pip download one wheel into `folder` and gives back its path. pip checks the hash, and takes a whole wheel that is
 * there already, so that asking again after an interruption costs only what is missing. Throws CommandFailed.
 */
export async function downloadWheel(wheel, folder, ctx) {
  const partial = join(folder, 'partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const requirements = join(partial, 'requirements.txt');
  writeFileSync(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);

  // pip shows its own bar only on a terminal; it writes below TMPDIR, so the bytes there are what has come.
  const progress = createProgress(`${wheel.project} ${wheel.version}`);
  const timer = setInterval(() => progress.show(sumBytes(partial)), pollMilliseconds);
  try {
    await capture('python3', pipArguments(wheel, requirements, folder), {
      env: { ...ctx.env, TMPDIR: partial, PYTHONUNBUFFERED: '1' },
      onOutput: (text) => progress.expect(announcedBytes(text)),
    });
    progress.finish();
  } finally {
    clearInterval(timer);
  }
  rmSync(partial, { recursive: true });
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`${wheel.project.replaceAll('-', '_')}-${wheel.version}-`)),
  );
}

function pipArguments(wheel, requirements, folder) {
  const anyPython = '--python-version 3.11 --implementation cp --abi cp311 --abi none --platform'.split(' ');
  const onlyThis = '--no-deps --require-hashes --only-binary=:all: --no-cache-dir'.split(' ');
  return ['-m', 'pip', 'download', ...onlyThis, ...anyPython, wheel.platform, '--dest', folder, '--requirement', requirements];
}

/** The size in pip's "Downloading NAME (273.8 MB)", in bytes. */
function announcedBytes(text) {
  const [, number, unit] = /\((\d+(?:\.\d+)?) (kB|MB|GB)\)/.exec(text) ?? [];
  return unit && Number(number) * bytesPerUnit[unit];
}

/** Of all files below a folder that pip is at work in: what it removes meanwhile counts as nothing. */
function sumBytes(path) {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sumBytes(join(path, name)), 0) : stat.size;
  } catch (failure) {
    if (failure.code === 'ENOENT') return 0;
    throw failure;
  }
}
