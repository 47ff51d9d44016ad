import { existsSync } from 'node:fs';
import { askTensorflow, binding, installedBinding } from '../setup/binding.mjs';

export const tensorflow = {
  name: 'TensorFlow',
  needed: 'TensorFlow multiplies two matrices through the binding',
  mend: binding.mend,
  inspect: async (ctx) => {
    const path = installedBinding(ctx);
    if (!existsSync(path)) return { ok: false, found: 'no binding' };
    try {
      return { ok: true, found: `answers: ${await askTensorflow(path, ctx)}` };
    } catch (failure) {
      return { ok: false, found: failure.message };
    }
  },
};
