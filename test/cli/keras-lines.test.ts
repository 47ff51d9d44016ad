import { describe, expect, test } from 'vitest';
import { formatBar, formatEpoch, logsOfEpoch } from '../../src/cli/keras-lines.ts';

describe("an epoch's line", () => {
  const logs = { loss: 0.67784, accuracy: 0.66708, val_loss: 0.66551, val_accuracy: 0.6896 };

  test('is what Keras prints', () => {
    expect(formatEpoch({ steps: 313, seconds: 11.02, logs })).toBe(
      '313/313 [==============================] - 11s 35ms/step - loss: 0.6778 - accuracy: 0.6671 - val_loss: 0.6655 - val_accuracy: 0.6896',
    );
  });

  test.each([
    [0.05, '0s 160us/step'],
    [2, '2s 6ms/step'],
    [626, '626s 2s/step'],
  ])('tells %d s for 313 steps as %s', (seconds, text) => {
    expect(formatEpoch({ steps: 313, seconds, logs: {} })).toBe(`313/313 [==============================] - ${text}`);
  });

  test('leaves the time out when nobody saw it', () => {
    expect(formatEpoch({ steps: 5, seconds: null, logs: { loss: 0.5 } })).toBe('5/5 [==============================] - loss: 0.5000');
  });

  test('writes small values in powers of ten, and nan for what is no number', () => {
    expect(formatEpoch({ steps: 1, seconds: null, logs: { loss: 0.00012345, val_loss: null, learning_rate: 1e-10 } })).toMatch(
      / - loss: 1\.2345e-04 - val_loss: nan - learning_rate: 1\.0000e-10$/,
    );
  });
});

test.each([
  [0, '  0/313 [..............................]'],
  [11, ' 11/313 [>.............................]'],
  [157, '157/313 [==============>...............]'],
  [312, '312/313 [============================>.]'],
  [313, '313/313 [==============================]'],
])('the bar after %i of 313 steps', (step, bar) => {
  expect(formatBar(step, 313)).toBe(bar);
});

test("an epoch's values are taken out of Keras' History", () => {
  expect(logsOfEpoch({ epoch: [1, 2], history: { loss: [0.7, 0.6], val_loss: [0.8, null] } }, 1)).toEqual({ loss: 0.6, val_loss: null });
});
