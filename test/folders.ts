import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder, with a short path, that is gone when the test has ended. */
export function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** A folder that is gone when the tests of the file have ended: to be called outside of any test. */
export function folderOfAllTests(): string {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  return folder;
}

const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'epochd-'));

const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
