import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { coreEngine } from '../../../src/engines/core/engine.ts';
import { loadWasm } from '../../../src/engines/core/wasm.ts';
import { planModel } from '../../../src/plan/plan.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import { makeBatch, start } from './batch.ts';

const lstm = (units: number, dropout: number, bidirectional = false) => ({ units, dropout, recurrent_dropout: 0, bidirectional });
const dense = [
  { units: 9, activation: 'tanh', dropout: 0.4 },
  { units: 4, activation: 'relu', dropout: 0 },
] as const;
const tokens = { kind: 'tokens', timesteps: 11, vocabulary: 6 } as const;

/** What version 0.1.0 gave. The WebAssembly's arithmetic is the same on every machine; a compiler may round the addon in another way. */
const BITS = [
  {
    title: 'dropout of inputs, both ways, stacked, masked, and of dense layers',
    plan: planModel(
      { embedding: { output_dim: 7, mask_zero: true }, lstm: [lstm(5, 0.3, true), lstm(33, 0.5), lstm(3, 0, true)], dense },
      tokens,
      4,
      'sparse_categorical_crossentropy',
    ),
    sha256: 'c80a695fdeeea0584f3fbf7df6dee012c1207606601556e2edc1fff5e6aefa88',
  },
  {
    title: 'dropout of inputs of numbers',
    plan: planModel(
      { embedding: null, lstm: [lstm(24, 0.2), lstm(16, 0)], dense: [] },
      { kind: 'numeric', timesteps: 9, features: 3 },
      2,
      'mean_squared_error',
    ),
    sha256: '7b00aa5942009c60f56a3e9bd6477d9125a9a597ab8a3d5e591041e8f7e1eda5',
  },
  {
    title: 'no dropout',
    plan: planModel({ embedding: { output_dim: 16, mask_zero: false }, lstm: [lstm(8, 0)], dense: [] }, tokens, 1, 'binary_crossentropy'),
    sha256: '986f0c1a0f8e7189c8f249621c00cdc72e47631aff2a1dc85050317c0bbc476f',
  },
];
const ROWS = 37;
const optimizer = optimizerSchema.parse({ type: 'adam', learning_rate: 0.01 });

it.each(BITS)('a spec without recurrent dropout has the bits that it had in 0.1.0: $title', ({ plan, sha256 }) => {
  const trainable = start(coreEngine(loadWasm(1)), plan, optimizer, ROWS);
  const masks = dropoutMasks(plan.dropoutSites, 5, ROWS);
  for (let iteration = 0; iteration < 6; iteration++) {
    const rows = iteration % 2 === 0 ? ROWS : ROWS - 5;
    trainable.trainBatch(makeBatch(plan, rows, iteration), { learningRate: 0.01, iteration, dropoutMasks: masks(iteration, rows) });
  }
  const hash = createHash('sha256');
  for (const { data } of [...trainable.getWeights(), ...trainable.getOptimizerState()]) hash.update(data);
  trainable.dispose();
  expect(hash.digest('hex')).toBe(sha256);
});
