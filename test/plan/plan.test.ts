import { describe, expect, it } from 'vitest';
import { type ModelDescription, planModel } from '../../src/plan/plan.ts';

const sitesOf = (...layers: Partial<ModelDescription['lstm'][number]>[]) =>
  planModel(
    {
      embedding: { output_dim: 5, mask_zero: false },
      lstm: layers.map((layer) => ({ units: 6, dropout: 0, recurrent_dropout: 0, bidirectional: false, ...layer })),
      dense: [{ units: 4, activation: 'relu', dropout: 0.1 }],
    },
    { kind: 'tokens', timesteps: 3, vocabulary: 9 },
    1,
    'binary_crossentropy',
  ).dropoutSites.map(({ layer, index, on, direction, gate, width }) => [layer, index, direction, on, gate, width].join(' '));

const DENSE = 'dense 0 forward output  4';
const gates = (place: string, width: number): string[] => ['i', 'f', 'c', 'o'].map((gate) => `${place} ${gate} ${width}`);

describe("the plan's dropout sites are the masks that Keras' LSTMCell draws, in its order:", () => {
  it('without recurrent dropout one for the inputs, which all gates share', () => {
    expect(sitesOf({ dropout: 0.3 })).toEqual(['lstm 0 forward input  5', DENSE]);
    expect(sitesOf({ dropout: 0.3, bidirectional: true })).toEqual(['lstm 0 forward input  5', 'lstm 0 backward input  5', DENSE]);
  });

  it('with recurrent dropout alone one for each gate of the state, none for the inputs', () => {
    expect(sitesOf({ recurrent_dropout: 0.3 })).toEqual([...gates('lstm 0 forward recurrent', 6), DENSE]);
  });

  it('with both, in both directions, and only in the layer that has them', () => {
    expect(sitesOf({ dropout: 0.3, recurrent_dropout: 0.3, bidirectional: true }, { dropout: 0.2 })).toEqual([
      ...gates('lstm 0 forward input', 5),
      ...gates('lstm 0 forward recurrent', 6),
      ...gates('lstm 0 backward input', 5),
      ...gates('lstm 0 backward recurrent', 6),
      'lstm 1 forward input  12',
      DENSE,
    ]);
  });
});
