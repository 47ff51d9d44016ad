import { expect, it } from 'vitest';
import { EngineUnavailable } from '../../src/contract/errors.ts';
import { loadEngine } from '../../src/engines/select.ts';
import { loadBinding } from '../../src/engines/tensorflow/binding.ts';
import { tensorflow } from './tensorflow/tensorflow.ts';

it('refuses an engine that does not exist, by name', async () => {
  await expect(loadEngine('torch')).rejects.toThrow(EngineUnavailable);
  await expect(loadEngine('torch')).rejects.toThrow('there is no engine "torch": expected auto or tensorflow');
});

it('says which command sets TensorFlow up when it is missing', () => {
  const load = () => loadBinding('@tensorflow/tfjs-node-gpu/lib/missing.node');
  expect(load).toThrow(EngineUnavailable);
  expect(load).toThrow(
    /cannot load @tensorflow\/tfjs-node-gpu\/lib\/missing\.node \(.+\); to set it up run: npm run setup -- --tensorflow$/,
  );
});

it.skipIf(!tensorflow)('takes tensorflow for auto, and says what the bits depend on', async () => {
  const warnings: string[] = [];
  const { info } = await loadEngine('auto', (message) => warnings.push(message));
  expect(info).toEqual((await loadEngine('tensorflow')).info);
  expect(info.name).toBe('tensorflow');
  expect(['cpu', 'cuda']).toContain(info.variant);
  expect(info.versions['tensorflow']).toMatch(/^2\.\d+\.\d+$/);
  expect(info.versions['tfjs-node-gpu']).toBe('4.22.0');
  expect(warnings).toEqual([]);
});
