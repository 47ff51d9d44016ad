import { createHash } from 'node:crypto';
import { CheckpointDamaged } from '../../contract/errors.ts';
import { decodeSafetensors } from '../../formats/safetensors.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { RunState } from '../../training/state.ts';
import { type CheckpointFiles, storedWeights, unlessDamaged } from '../checkpoints/files.ts';
import { parseObject } from '../json.ts';

/*
 *   checkpoints/0000000313/  manifest.json  state.json  weights.safetensors  optimizer.safetensors
 *   checkpoints/index.json
 *
 * A checkpoint was a folder named by its step; its manifest holds the sha256 of every file.
 */

/** When it was saved stood only in index.json. */
const UNKNOWN = new Date(0).toISOString();

interface Part {
  readonly sha256: string;
  readonly size: number;
}

interface Manifest {
  readonly version: number;
  readonly files: Readonly<Record<string, Part | undefined>>;
}

/** Those below `prefix`, whose state holds the whole history. */
export function checkpointsOfVersion1(blobs: Blobs, prefix: string): CheckpointFiles {
  const files = checkpointFolders(blobs, prefix);
  const names = async (): Promise<string[]> => (await blobs.children(prefix)).filter((name) => /^\d{10,}$/.test(name)).reverse();
  return {
    names,
    async entry(name) {
      const { history } = await files.state(name);
      const { sha256, size } = await files.part(name, 'weights.safetensors');
      return { step: Number(name), epoch: history.length, metrics: history.at(-1)?.logs ?? {}, sha256, size, savedAt: UNKNOWN };
    },
    async newestState() {
      for (const name of await names()) {
        const state = await unlessDamaged(() => files.state(name));
        if (state) return { name, state: { ...state, epochs: state.history.length, tail: state.history } };
      }
      return null;
    },
    async read(name) {
      const weights = decodeSafetensors(await files.read(name, 'weights.safetensors'));
      const optimizer = decodeSafetensors(await files.read(name, 'optimizer.safetensors'));
      return { state: await files.state(name), weights, optimizer };
    },
    async weights(step) {
      const name = String(step).padStart(10, '0');
      const { sha256, size } = await files.part(name, 'weights.safetensors');
      return storedWeights(blobs, `${prefix}/${name}/weights.safetensors`, { step, sha256, size, start: 0 });
    },
  };
}

/** The files of checkpoints, each held against its manifest. Methods throw CheckpointDamaged. */
function checkpointFolders(blobs: Blobs, prefix: string) {
  const part = async (name: string, file: string): Promise<Part> => {
    const key = `${prefix}/${name}/manifest.json`;
    const bytes = await blobs.get(key);
    const manifest = bytes && (parseObject(bytes) as Manifest | null);
    if (manifest?.version !== 1) throw new CheckpointDamaged(`${key}: expected version 1, got ${manifest?.version ?? 'no manifest'}`);
    const found = manifest.files?.[file];
    if (!found) throw new CheckpointDamaged(`${key}: expected an entry for ${file}`);
    return found;
  };
  const read = async (name: string, file: string): Promise<Buffer> => {
    const { sha256, size } = await part(name, file);
    const key = `${prefix}/${name}/${file}`;
    const bytes = (await blobs.get(key)) ?? Buffer.alloc(0);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual === sha256) return bytes;
    throw new CheckpointDamaged(`${key}: expected ${size} bytes with sha256 ${sha256}, got ${bytes.length} with ${actual}`);
  };
  const state = async (name: string): Promise<RunState> => JSON.parse((await read(name, 'state.json')).toString()) as RunState;
  return { part, read, state };
}
