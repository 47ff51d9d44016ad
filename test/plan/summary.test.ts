import { describe, expect, it } from 'vitest';
import { specShape } from '../../src/contract/spec.ts';
import { planModel } from '../../src/plan/plan.ts';
import { layerTable, modelSummary } from '../../src/plan/summary.ts';

const lstm = { units: 2, dropout: 0, recurrent_dropout: 0, bidirectional: false };
const dense = { units: 3, activation: 'relu' as const, dropout: 0.1 };

describe('modelSummary', () => {
  it("is the notebook's table for the notebook's model", () => {
    const { model } = specShape.parse({ dataset: { source: 'imdb' } });
    const plan = planModel(model, { kind: 'tokens', timesteps: 100, vocabulary: 500 }, 1, 'binary_crossentropy');
    const expected = `
Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 embedding (Embedding)       (None, 100, 16)           8000

 lstm (LSTM)                 (None, 8)                 800

 dense (Dense)               (None, 1)                 9

=================================================================
Total params: 8,809
Trainable params: 8,809
Non-trainable params: 0
_________________________________________________________________`;
    expect(modelSummary(plan).replaceAll(/ +$/gm, '')).toBe(expected.trimStart());
  });
});

describe('layerTable', () => {
  it('has the layers, names, shapes and counts that Keras 3.15 has for the same model', () => {
    const bidirectional = { ...lstm, bidirectional: true };
    const model = {
      embedding: { output_dim: 3, mask_zero: true },
      lstm: [lstm, bidirectional, lstm, bidirectional],
      dense: [dense, dense],
    };
    const plan = planModel(model, { kind: 'tokens', timesteps: 10, vocabulary: 5 }, 1, 'binary_crossentropy');
    expect(layerTable(plan).map(({ name, type, output_shape, parameters }) => [name, type, output_shape, parameters])).toEqual([
      ['embedding', 'Embedding', [null, 10, 3], 15],
      ['lstm', 'LSTM', [null, 10, 2], 48],
      ['bidirectional', 'Bidirectional', [null, 10, 4], 80],
      ['lstm_2', 'LSTM', [null, 10, 2], 56],
      ['bidirectional_1', 'Bidirectional', [null, 4], 80],
      ['dense', 'Dense', [null, 3], 15],
      ['dropout', 'Dropout', [null, 3], 0],
      ['dense_1', 'Dense', [null, 3], 12],
      ['dropout_1', 'Dropout', [null, 3], 0],
      ['dense_2', 'Dense', [null, 1], 4],
    ]);
  });

  it('begins with the LSTM when the input is numbers', () => {
    const plan = planModel({ embedding: null, lstm: [lstm], dense: [] }, { kind: 'numeric', timesteps: 4, features: 3 }, 2, 'huber');
    expect(layerTable(plan)[0]).toEqual({ name: 'lstm', type: 'LSTM', output_shape: [null, 2], parameters: 48 });
  });
});
