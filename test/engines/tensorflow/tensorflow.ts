import { type Binding, loadBinding } from '../../../src/engines/tensorflow/binding.ts';
import { Ops } from '../../../src/engines/tensorflow/ops.ts';
import { Session } from '../../../src/engines/tensorflow/session.ts';

export interface Tensorflow {
  readonly binding: Binding;
  readonly ops: Ops;
}

/** TensorFlow, or null where it is not set up: tests that need it are skipped, and this says why. */
export const tensorflow: Tensorflow | null = load();

function load(): Tensorflow | null {
  try {
    const binding = loadBinding();
    return { binding, ops: new Ops(new Session(binding)) };
  } catch (error) {
    console.warn(`SKIPPED what needs TensorFlow: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
