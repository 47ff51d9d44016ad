import type { InputShape } from '../../../src/contract/data-shape.ts';
import { type Activation, type ModelDescription, type Plan, planModel } from '../../../src/plan/plan.ts';

export interface PlanCase {
  readonly title: string;
  readonly plan: Plan;
  /** Rows of a batch. */
  readonly rows: number;
}

const lstm = (units: number, more: Partial<ModelDescription['lstm'][number]> = {}): ModelDescription['lstm'][number] => ({
  units,
  dropout: 0,
  recurrent_dropout: 0,
  bidirectional: false,
  ...more,
});
const dense = (units: number, activation: Activation, dropout = 0): ModelDescription['dense'][number] => ({ units, activation, dropout });
const tokens = (timesteps: number, vocabulary: number): InputShape => ({ kind: 'tokens', timesteps, vocabulary });
const numeric = (timesteps: number, features: number): InputShape => ({ kind: 'numeric', timesteps, features });
const embedding = (output_dim: number, mask_zero = false): ModelDescription['embedding'] => ({ output_dim, mask_zero });
const dropped = { dropout: 0.4, recurrent_dropout: 0.3 };

/** Every thing that a plan can say, at sizes that do and do not fill vectors, tiles and blocks. */
export const PLANS: readonly PlanCase[] = [
  {
    title: 'one of everything',
    plan: planModel({ embedding: embedding(1), lstm: [lstm(1)], dense: [] }, tokens(1, 3), 1, 'binary_crossentropy'),
    rows: 1,
  },
  {
    title: 'more tokens than steps',
    plan: planModel({ embedding: embedding(3), lstm: [lstm(8)], dense: [] }, tokens(5, 400), 1, 'binary_crossentropy'),
    rows: 33,
  },
  {
    title: 'fewer tokens than steps',
    plan: planModel({ embedding: embedding(17), lstm: [lstm(17)], dense: [] }, tokens(9, 6), 1, 'binary_crossentropy'),
    rows: 33,
  },
  {
    title: 'padded steps, stacked',
    plan: planModel({ embedding: embedding(5, true), lstm: [lstm(3), lstm(9)], dense: [] }, tokens(7, 4), 1, 'binary_crossentropy'),
    rows: 17,
  },
  {
    title: 'padded steps, bidirectional, stacked, all kinds of dropout',
    plan: planModel(
      {
        embedding: embedding(3, true),
        lstm: [lstm(5, { ...dropped, bidirectional: true }), lstm(3, dropped), lstm(2, { ...dropped, bidirectional: true })],
        dense: [dense(19, 'tanh', 0.5), dense(3, 'relu')],
      },
      tokens(6, 5),
      4,
      'sparse_categorical_crossentropy',
    ),
    rows: 20,
  },
  {
    title: 'dropout between blocks of rows',
    plan: planModel(
      { embedding: embedding(18), lstm: [lstm(33, dropped)], dense: [dense(4, 'sigmoid', 0.2)] },
      tokens(3, 50),
      2,
      'mean_squared_error',
    ),
    rows: 50,
  },
  {
    title: 'numbers, two layers, three outputs',
    plan: planModel(
      { embedding: null, lstm: [lstm(33), lstm(17, { bidirectional: true })], dense: [] },
      numeric(4, 3),
      3,
      'mean_absolute_error',
    ),
    rows: 16,
  },
  {
    title: 'one number, one step',
    plan: planModel({ embedding: null, lstm: [lstm(4, { bidirectional: true })], dense: [dense(33, 'relu')] }, numeric(1, 1), 1, 'huber'),
    rows: 3,
  },
  {
    title: 'eight layers',
    plan: planModel(
      {
        embedding: null,
        lstm: [3, 1, 8, 2, 16, 5, 4, 7].map((units, i) => lstm(units, { bidirectional: i % 3 === 1 })),
        dense: [dense(3, 'linear')],
      },
      numeric(5, 17),
      1,
      'mean_squared_error',
    ),
    rows: 18,
  },
  {
    title: 'many small blocks of rows',
    plan: planModel({ embedding: null, lstm: [lstm(3)], dense: [] }, numeric(2, 2), 5, 'sparse_categorical_crossentropy'),
    rows: 300,
  },
];
