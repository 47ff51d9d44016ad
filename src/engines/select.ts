import { EngineUnavailable } from '../contract/errors.ts';
import type { Engine } from '../training/engine.ts';

/**
 * The engine of that name, ready to compile plans; "auto" takes the best one there is. Engines are loaded when asked for, so
 * that a process without one never loads TensorFlow. `warn` is told what makes it slower than it could be. Throws
 * EngineUnavailable, with the command that mends it.
 */
export async function loadEngine(name: string, warn: (message: string) => void = () => {}): Promise<Engine> {
  if (name !== 'auto' && name !== 'tensorflow') {
    throw new EngineUnavailable(`there is no engine ${JSON.stringify(name)}: expected auto or tensorflow`);
  }
  const { loadTensorflow } = await import('./tensorflow/engine.ts');
  return loadTensorflow(warn);
}
