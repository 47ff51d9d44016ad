import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A program to give as PYTHON: a shell script that has the cases of `answers`, by script and first argument such as
 * "step.py keras-jax", and for all others says that it cannot import them.
 */
export async function writeStub(folder: string, answers: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, 'python');
  const cases = Object.entries(answers).map(([called, commands]) => `  '${called}') ${commands} ;;`);
  const lines = ['#!/bin/sh', 'case "$(basename "$1") $2" in', ...cases, `  *) echo "No module named '$2'" >&2; exit 3 ;;`, 'esac', ''];
  await writeFile(path, lines.join('\n'));
  await chmod(path, 0o755);
  return path;
}
