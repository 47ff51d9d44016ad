import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointDamaged } from '../contract/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors.ts';
import { hasCode, named, sha256, syncFolder, writeDurably } from '../storage/files.ts';
import type { Checkpoint } from '../training/checkpoint.ts';
import type { RunState } from '../training/state.ts';

/*
 *   checkpoints/0000000313/  manifest.json  state.json  weights.safetensors  optimizer.safetensors
 *
 * A checkpoint is a folder named by its optimizer step. It is written under a temporary name, flushed and renamed; its
 * manifest holds the sha256 of every file. It never changes afterwards.
 */

const FILES = ['state.json', 'weights.safetensors', 'optimizer.safetensors'] as const;

/** Of the layout of a checkpoint, its state included. Another one is not guessed at. */
const VERSION = 1;

interface Manifest {
  readonly version: number;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>;
}

/** Why a checkpoint cannot be used. */
export interface Damage {
  readonly step: number;
  readonly detail: string;
}

export const stepFolder = (checkpoints: string, step: number): string => join(checkpoints, String(step).padStart(10, '0'));

/** The steps that have a checkpoint, newest first. */
export async function listSteps(checkpoints: string): Promise<number[]> {
  try {
    const names = (await readdir(checkpoints)).filter((name) => /^\d{10,}$/.test(name));
    return names.map(Number).sort((a, b) => b - a);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Throws StorageFull: then nothing of it stays. Does nothing when the step is there: same step, same bits. */
export async function writeCheckpoint(checkpoints: string, { state, weights, optimizer }: Checkpoint): Promise<void> {
  const contents = [[JSON.stringify(state)], encodeSafetensors(weights), encodeSafetensors(optimizer)];
  const files = FILES.map((name, i) => ({ name, parts: contents[i] ?? [] }));
  const manifest: Manifest = {
    version: VERSION,
    files: Object.fromEntries(files.map(({ name, parts }) => [name, { sha256: sha256(...parts), size: sizeOf(parts) }])),
  };
  const target = stepFolder(checkpoints, state.step);
  const temporary = `${target}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  try {
    // Not recursive: a claim's folder that was removed must not come back.
    await mkdir(temporary);
    for (const { name, parts } of files) await writeDurably(join(temporary, name), ...parts);
    await writeDurably(join(temporary, 'manifest.json'), JSON.stringify(manifest));
    await syncFolder(temporary);
    await rename(temporary, target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await syncFolder(checkpoints);
}

const sizeOf = (parts: readonly (string | Uint8Array)[]): number => parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);

/** The checkpoint of a step, or what is wrong with it. Throws StorageUnavailable: what cannot be read now may be whole. */
export async function readCheckpoint(checkpoints: string, step: number): Promise<Checkpoint | Damage> {
  const folder = stepFolder(checkpoints, step);
  try {
    const manifest = await readManifest(folder);
    if (manifest.version !== VERSION) return { step, detail: `manifest.json: expected version ${VERSION}, got ${manifest.version}` };
    const [state, weights, optimizer] = await Promise.all(FILES.map((name) => readChecked(folder, name, manifest)));
    if (!state || !weights || !optimizer) throw new Error('unreachable: FILES has three names');
    return {
      state: JSON.parse(state.toString()) as RunState,
      weights: decodeSafetensors(weights),
      optimizer: decodeSafetensors(optimizer),
    };
  } catch (error) {
    if (error instanceof DamagedFile) return { step, detail: error.message };
    if (hasCode(error, 'ENOENT')) return { step, detail: `a file is missing: ${(error as Error).message}` };
    if (error instanceof SyntaxError) return { step, detail: `manifest.json: expected JSON, got: ${error.message}` };
    throw error;
  }
}

/** The checkpoint of a step. Throws CheckpointDamaged. */
export async function loadCheckpoint(checkpoints: string, step: number): Promise<Checkpoint> {
  const read = await readCheckpoint(checkpoints, step);
  if ('detail' in read) throw new CheckpointDamaged(`the checkpoint of step ${step} is damaged: ${read.detail}`);
  return read;
}

/** What the manifest of a checkpoint says of its weights; the size is in bytes. */
export async function weightsFile(checkpoints: string, step: number): Promise<{ sha256: string; size: number }> {
  const manifest = await readManifest(stepFolder(checkpoints, step));
  const file = manifest.files['weights.safetensors'];
  if (!file) throw new DamagedFile('manifest.json: expected an entry for weights.safetensors');
  return file;
}

const readManifest = async (folder: string): Promise<Manifest> => {
  const path = join(folder, 'manifest.json');
  return JSON.parse(await named(path, () => readFile(path, 'utf8'))) as Manifest;
};

class DamagedFile extends Error {}

async function readChecked(folder: string, name: string, manifest: Manifest): Promise<Buffer> {
  const expected = manifest.files?.[name];
  if (!expected) throw new DamagedFile(`manifest.json: expected an entry for ${name}`);
  const path = join(folder, name);
  const data = await named(path, () => readFile(path));
  const actual = sha256(data);
  if (actual === expected.sha256) return data;
  throw new DamagedFile(`${name}: expected ${expected.size} bytes with sha256 ${expected.sha256}, got ${data.length} with ${actual}`);
}
