import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { EngineUnavailable } from '../contract/errors.ts';
import type { Engine } from '../training/engine.ts';

type Warn = (message: string) => void;

/** NVIDIA's driver makes it. Without it there is no reason to load TensorFlow's 850 MB and ask. */
const GPU_DEVICE = '/dev/nvidiactl';

/**
 * The engine of that name, ready to compile plans; "auto" takes TensorFlow on a GPU that answers, else the core. Engines are loaded
 * when asked for, so that a process without one never loads it. `warn` is told what makes it slower than it could be. Throws
 * EngineUnavailable, with the command that mends it.
 */
export async function loadEngine(name: string, warn: Warn = () => {}): Promise<Engine> {
  switch (name) {
    case 'auto':
      return (await loadCuda(warn)) ?? loadCoreEngine(warn);
    case 'core':
      return loadCoreEngine(warn);
    case 'tensorflow':
      return loadTensorflowEngine(warn);
    default:
      throw new EngineUnavailable(`there is no engine ${JSON.stringify(name)}: expected auto, core or tensorflow`);
  }
}

async function loadCoreEngine(warn: Warn): Promise<Engine> {
  const { loadCore } = await import('./core/engine.ts');
  return loadCore(availableParallelism(), warn);
}

async function loadTensorflowEngine(warn: Warn): Promise<Engine> {
  const { loadTensorflow } = await import('./tensorflow/engine.ts');
  return loadTensorflow(warn);
}

async function loadCuda(warn: Warn): Promise<Engine | null> {
  if (!existsSync(GPU_DEVICE)) return null;
  try {
    const engine = await loadTensorflowEngine(warn);
    return engine.info.variant === 'cuda' ? engine : null;
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    warn(`there is a GPU, but no TensorFlow to use it: ${error.message}`);
    return null;
  }
}
