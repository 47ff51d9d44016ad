import { ENGINES, type EngineInfo } from '../contract/engine-info.ts';
import { EngineUnavailable } from '../contract/errors.ts';
import { loadEngine } from '../engines/select.ts';
import { holdLifeline } from './lifeline.ts';

/* The main file of a short-lived process that loads every engine, so that the worker itself need not carry TensorFlow. */

export interface ProbeResult {
  readonly engines: readonly EngineInfo[];
  /** Why the others are not there. */
  readonly missing: readonly string[];
}

async function probe(): Promise<ProbeResult> {
  const engines: EngineInfo[] = [];
  const missing: string[] = [];
  for (const name of ENGINES) {
    try {
      engines.push((await loadEngine(name, (warning) => missing.push(warning))).info);
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      missing.push(error.message);
    }
  }
  return { engines, missing };
}

holdLifeline();
const result = await probe();
process.send?.(result, () => process.exit(0));
