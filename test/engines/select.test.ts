import { expect, it } from 'vitest';
import { EngineUnavailable } from '../../src/contract/errors.ts';
import { engineVariants, loadEngine } from '../../src/engines/select.ts';
import { loadBinding } from '../../src/engines/tensorflow/binding.ts';
import { tensorflow } from './tensorflow/tensorflow.ts';

it('refuses an engine that does not exist, by name', async () => {
  await expect(loadEngine('torch')).rejects.toThrow(EngineUnavailable);
  await expect(loadEngine('torch')).rejects.toThrow(
    /there is no engine "torch": expected auto, core, (core-native-\w+, )*core-wasm-simd128, tensorflow/,
  );
});

it('says which command sets TensorFlow up when it is missing', () => {
  const load = () => loadBinding('@tensorflow/tfjs-node-gpu/lib/missing.node');
  expect(load).toThrow(EngineUnavailable);
  expect(load).toThrow(
    /cannot load @tensorflow\/tfjs-node-gpu\/lib\/missing\.node \(.+\); to set it up run: npm run setup -- --tensorflow$/,
  );
});

it('takes the core for auto where no GPU answers, and says what the bits depend on', async () => {
  const { info } = await loadEngine('auto');
  expect(info).toEqual((await loadEngine('core')).info);
  expect(info).toMatchObject({ name: 'core', device: 'CPU:0', versions: { node: process.version } });
});

it('loads every variant that it names', async () => {
  for (const name of (await engineVariants()).filter((variant) => variant.startsWith('core-'))) {
    expect(`core-${(await loadEngine(name)).info.variant}`).toBe(name);
  }
});

it.skipIf(!tensorflow)('loads tensorflow when asked, and says what the bits depend on', async () => {
  const warnings: string[] = [];
  const { info } = await loadEngine('tensorflow', (message) => warnings.push(message));
  expect(info.name).toBe('tensorflow');
  expect(['cpu', 'cuda']).toContain(info.variant);
  expect(info.versions['tensorflow']).toMatch(/^2\.\d+\.\d+$/);
  expect(info.versions['tfjs-node-gpu']).toBe('4.22.0');
  expect(warnings).toEqual([]);
});
