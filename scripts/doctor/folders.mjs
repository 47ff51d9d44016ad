import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { binding } from '../setup/binding.mjs';
import { faultSentence, probeFolder } from './file-system.mjs';

const gigabyte = 1e9;

function folder(name, pathOf, neededBytes, variable) {
  return {
    name,
    needed: 'a folder that can be written to, with space for what goes into it',
    inspect: (ctx) => {
      const existing = nearestExisting(pathOf(ctx));
      const { bavail, bsize } = statfsSync(existing);
      const space = `${((bavail * bsize) / gigabyte).toFixed(1)} GB free`;
      if (!isWritable(existing)) return { ok: false, found: `${existing} cannot be written to` };
      const needed = neededBytes(ctx);
      return { ok: bavail * bsize >= needed, found: `${pathOf(ctx)}, ${space}, may take ${needed / gigabyte} GB more` };
    },
    mend: () => `export ${variable}=/a/folder/with/space`,
  };
}

const writableData = folder(
  'data folder',
  (ctx) => ctx.data,
  () => gigabyte,
  'EPOCHD_DATA_DIR',
);

export const dataFolder = {
  ...writableData,
  needed: `${writableData.needed}, on a file system that has what a data folder needs`,
  inspect: async (ctx) => {
    const state = writableData.inspect(ctx);
    if (!state.ok) return state;
    const probe = await probeFolder(nearestExisting(ctx.data));
    const fault = faultSentence(probe);
    if (fault !== null) return { ok: false, found: `${ctx.data}: ${fault}` };
    const { limits, space } = probe;
    return { ok: true, found: [state.found, ...limits, ...(space === null ? [] : [space])].join('; ') };
  },
};

export const cacheFolder = {
  ...folder('cache folder', (ctx) => ctx.cache, neededForTensorflow, 'EPOCHD_CACHE_DIR'),
  optional: true,
};

/** The wheel and what is unpacked from it lie side by side for a moment. */
function neededForTensorflow(ctx) {
  if (binding.inspect(ctx).ok) return 0;
  return ctx.variant === 'cuda' ? 8 * gigabyte : 1.5 * gigabyte;
}

function nearestExisting(path) {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
