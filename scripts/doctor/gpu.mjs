import { capture, which } from '../setup/command.mjs';

export const gpu = {
  name: 'GPU',
  needed: "an NVIDIA GPU and its driver, for TensorFlow's cuda variant",
  optional: true,
  inspect: async (ctx) => {
    if (!which('nvidia-smi', ctx.env)) return { ok: false, found: 'no nvidia-smi on PATH' };
    try {
      const cards = await capture('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], { env: ctx.env });
      return { ok: true, found: cards.trim().replaceAll('\n', '; ') };
    } catch (failure) {
      return { ok: false, found: failure.message };
    }
  },
  mend: () => 'node scripts/setup.mjs --tensorflow=cuda   # once nvidia-smi shows the GPU',
};
