import { existsSync } from 'node:fs';
import { EngineUnavailable } from '../contract/errors.ts';
import type { Engine } from '../training/engine.ts';
import { availableCores } from './cores.ts';

/** Is told what makes an engine slower than it could be. */
export type Warn = (message: string) => void;

/** There when NVIDIA's driver is; WSL has the other. Loading TensorFlow to find out would take a second and 300 MB. */
const GPU_DEVICES = ['/dev/nvidiactl', '/dev/dxg'];

/**
 * The engine of that name, ready to compile plans on `threads` threads: "core", "tensorflow", one of `engineVariants`, or "auto":
 * TensorFlow when a GPU answers, else the core. Engines are loaded when asked for, so that a process without one never loads
 * TensorFlow. Throws EngineUnavailable, with the command that mends it.
 */
export async function loadEngine(name: string, warn: Warn = () => {}, threads = availableCores()): Promise<Engine> {
  if (name === 'tensorflow') return loadTensorflow(warn);
  const core = await import('./core/engine.ts');
  if (name === 'auto') return (await loadGpu(warn)) ?? core.loadCore(threads, warn);
  if (name === 'core') return core.loadCore(threads, warn);
  const variant = name.startsWith('core-') ? core.loadCoreVariant(name.slice('core-'.length), threads) : null;
  if (variant) return variant;
  throw new EngineUnavailable(`there is no engine ${JSON.stringify(name)}: expected auto, ${(await engineVariants()).join(', ')}`);
}

/** Every engine and every variant of the core that this machine may have, the fastest first. */
export async function engineVariants(): Promise<string[]> {
  const { coreVariants } = await import('./core/engine.ts');
  return ['core', ...coreVariants().map((variant) => `core-${variant}`), 'tensorflow'];
}

async function loadTensorflow(warn: Warn): Promise<Engine> {
  return (await import('./tensorflow/engine.ts')).loadTensorflow(warn);
}

async function loadGpu(warn: Warn): Promise<Engine | null> {
  if (!GPU_DEVICES.some(existsSync)) return null;
  try {
    const engine = await loadTensorflow(warn);
    if (engine.info.variant === 'cuda') return engine;
    warn('there is a GPU, but this TensorFlow cannot use it; to set up one that can, run: npm run setup -- --tensorflow=cuda');
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    warn(`there is a GPU, but no TensorFlow that could use it: ${error.message}`);
  }
  return null;
}
