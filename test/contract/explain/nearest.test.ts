import { expect, it } from 'vitest';
import { nearest } from '../../../src/contract/explain/nearest.ts';

const FIELDS = [
  'epochs',
  'batch_size',
  'optimizer',
  'loss',
  'metrics',
  'seed',
  'class_weight',
  'learning_rate',
  'dropout',
  'recurrent_dropout',
];

it.each([
  ['epoch', 'epochs'],
  ['Epochs', 'epochs'],
  ['batchsize', 'batch_size'],
  ['optimiser', 'optimizer'],
  ['lerning_rate', 'learning_rate'],
  ['learnign_rate', 'learning_rate'],
  ['class_weights', 'class_weight'],
  ['dropout_rate', 'dropout'],
  ['xyz', null],
  ['', null],
  ['x'.repeat(1e6), null],
])('for %.20s means %s', (name, meant) => {
  expect(nearest(name, FIELDS)).toBe(meant);
});
