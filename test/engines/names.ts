import { existsSync } from 'node:fs';
import { ADDON_FILE } from '../../src/engines/core/native.ts';
import { tensorflow } from './tensorflow/tensorflow.ts';

/** The engines of this machine as `loadEngine` knows them; says what is left out of `tested` where one is not there. */
export function engineNames(tested: string): string[] {
  const names = [...(existsSync(ADDON_FILE) ? ['core-native'] : []), 'core-wasm', ...(tensorflow ? ['tensorflow'] : [])];
  for (const missing of ['core-native', 'tensorflow'].filter((name) => !names.includes(name)))
    console.warn(`SKIPPED: ${tested} on ${missing}, which this machine lacks`);
  return names;
}
