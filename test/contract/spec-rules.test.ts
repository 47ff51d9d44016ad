import { describe, expect, it } from 'vitest';
import { type Spec, specShape } from '../../src/contract/spec.ts';
import { checkRules } from '../../src/contract/spec-rules.ts';
import { seedShape } from './shapes.ts';

const spec = (given: { model?: object; training?: object; callbacks?: object }): Spec =>
  specShape.parse({ dataset: { source: 'imdb' }, ...given });

const pointers = (given: Parameters<typeof spec>[0], classes: number | null = 2): string[] =>
  checkRules(spec(given), seedShape({ classes })).map(({ pointer }) => pointer);

describe('checkRules', () => {
  it('has nothing against the smallest spec', () => {
    expect(pointers({})).toEqual([]);
  });

  it.each(['mean_squared_error', 'mean_absolute_error', 'huber'])('wants no accuracy with %s', (loss) => {
    expect(pointers({ training: { loss, metrics: ['mean_absolute_error', 'accuracy'] } })).toEqual(['/training/metrics/1']);
    expect(pointers({ training: { loss, metrics: ['mean_squared_error'] } })).toEqual([]);
  });

  it('takes errors as metrics of any loss, each once', () => {
    expect(pointers({ training: { metrics: ['accuracy', 'mean_absolute_error'] } })).toEqual([]);
    expect(pointers({ training: { metrics: ['accuracy', 'mean_absolute_error', 'accuracy'] } })).toEqual(['/training/metrics/2']);
  });

  it('wants monitors that the job logs', () => {
    const callbacks = {
      checkpoint: { monitor: 'val_mean_squared_error' },
      early_stopping: { monitor: 'accuracy' },
      reduce_lr_on_plateau: { monitor: 'mean_absolute_error' },
    };
    expect(checkRules(spec({ callbacks }), seedShape())).toEqual([
      {
        pointer: '/callbacks/checkpoint/monitor',
        detail: '"val_mean_squared_error" is not logged by this job: expected one of loss, val_loss, accuracy, val_accuracy',
      },
      {
        pointer: '/callbacks/reduce_lr_on_plateau/monitor',
        detail: '"mean_absolute_error" is not logged by this job: expected one of loss, val_loss, accuracy, val_accuracy',
      },
    ]);
    expect(pointers({ callbacks: { early_stopping: null } })).toEqual([]);
  });

  it('wants class weights for classes that there are', () => {
    const training = { class_weight: { '0': 1, '2': 3, '17': 1 } };
    expect(pointers({ training })).toEqual(['/training/class_weight/2', '/training/class_weight/17']);
    expect(pointers({ training: { ...training, loss: 'sparse_categorical_crossentropy' } }, 18)).toEqual([]);
    expect(pointers({ training: { class_weight: { '0': 2 }, loss: 'huber', metrics: [] } })).toEqual(['/training/class_weight']);
  });

  it('wants an embedding for token ids, and none for numbers', () => {
    const numbers = seedShape({ input: { kind: 'numeric', timesteps: 5, features: 2 } });
    const without = spec({ model: { embedding: null } });
    expect(checkRules(without, numbers)).toEqual([]);
    expect(checkRules(spec({}), numbers)).toEqual([
      { pointer: '/model/embedding', detail: 'an embedding of output_dim 16, but the data are numbers: expected null' },
    ]);
    expect(checkRules(without, seedShape())).toEqual([
      {
        pointer: '/model/embedding',
        detail: 'null, but the data are token ids, which need an embedding: expected an object such as {"output_dim": 16}',
      },
    ]);
  });

  it('wants a loss that fits the targets', () => {
    expect(pointers({}, 4)).toEqual(['/training/loss']);
    expect(pointers({ training: { metrics: [] } }, null)).toEqual(['/training/loss']);
    expect(pointers({ training: { loss: 'sparse_categorical_crossentropy' } }, 4)).toEqual([]);
    expect(pointers({ training: { loss: 'sparse_categorical_crossentropy' } }, 2)).toEqual([]);
    expect(pointers({ training: { loss: 'mean_squared_error', metrics: [] } }, null)).toEqual([]);
  });

  it('wants a lowest learning rate below the first', () => {
    const callbacks = { reduce_lr_on_plateau: { min_lr: 0.01 } };
    expect(pointers({ callbacks })).toEqual(['/callbacks/reduce_lr_on_plateau/min_lr']);
    expect(pointers({ callbacks, training: { optimizer: { type: 'sgd', learning_rate: 0.01 } } })).toEqual([]);
  });

  it('tells everything at once', () => {
    const training = { loss: 'huber', metrics: ['accuracy', 'accuracy'], class_weight: { '5': 1 } };
    expect(pointers({ training, callbacks: { checkpoint: { monitor: 'mean_squared_error' } } })).toEqual([
      '/training/metrics/0',
      '/training/metrics/1',
      '/training/class_weight',
      '/callbacks/checkpoint/monitor',
    ]);
  });
});
