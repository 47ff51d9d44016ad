import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { planModel } from '../../../src/plan/plan.ts';
import type { Engine } from '../../../src/training/engine.ts';
import { GOLDEN } from '../../golden.ts';
import { engines } from './engines.ts';

interface Recorded {
  readonly label: number;
  readonly loss: number[];
}

/** What Keras gave: golden/record-saturation.py. */
const { logits, recorded } = JSON.parse(readFileSync(join(GOLDEN, 'saturation.json'), 'utf8')) as {
  logits: number[];
  recorded: Recorded[];
};

/** With weights of zero the logit is the bias of the output, and the momentum of a first step is the gradient by it. */
const plan = planModel(
  { embedding: null, lstm: [{ units: 1, dropout: 0, recurrent_dropout: 0, bidirectional: false }], dense: [] },
  { kind: 'numeric', timesteps: 1, features: 1 },
  1,
  'binary_crossentropy',
);
const optimizer = optimizerSchema.parse({ type: 'sgd', learning_rate: 1, momentum: 0.5 });

function judge(engine: Engine, label: number, logit: number) {
  const trainable = engine.compile(plan, optimizer, 1);
  trainable.setWeights(
    trainable.getWeights().map((weight) => (weight.name === 'dense/bias' ? { ...weight, data: Float32Array.of(logit) } : weight)),
  );
  const batch = { rows: 1, inputs: new Float32Array(1), targets: Float32Array.of(label), sampleWeights: null };
  const { loss } = trainable.trainBatch(batch, { learningRate: 1, iteration: 0, dropoutMasks: [] });
  const gradient = -(trainable.getOptimizerState().at(-1)?.data[0] ?? Number.NaN);
  trainable.dispose();
  return { loss, gradient };
}

/** The largest distance of `found` from the exact values, in units of `scale` of these. */
const worst = (found: readonly number[], exact: readonly number[], scale: (x: number) => number): number =>
  Math.max(...found.map((value, i) => Math.abs(value - exact[i]!) / scale(exact[i]!)));

describe.each(engines(1))('core $info.variant', (engine) => {
  it.each(recorded)(
    'with saturated predictions has the loss as near to float64 as Keras, the gradient within one spacing of floats at 1: label $label',
    (keras) => {
      const sign = keras.label === 1 ? -1 : 1;
      const loss = logits.map((z) => Math.max(sign * z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
      const gradient = logits.map((z) => sign / (1 + Math.exp(-sign * z)));
      const ours = logits.map((z) => judge(engine, keras.label, z));
      const found = { loss: ours.map((at) => at.loss), gradient: ours.map((at) => at.gradient) };
      expect(worst(found.loss, loss, Math.abs)).toBeLessThanOrEqual(worst(keras.loss, loss, Math.abs));
      // Where the answer is right and the label 1, the gradient is p - 1, and p is rounded twice: see core/README.md.
      expect(worst(found.gradient, gradient, () => 1)).toBeLessThanOrEqual(2 ** -23);
    },
  );
});
