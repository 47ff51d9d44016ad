import { describe, expect, it } from 'vitest';
import { SpecInvalid } from '../../../src/contract/errors.ts';
import { parseSpec } from '../../../src/contract/explain/parse.ts';

const imdb = { source: 'imdb' };

function problemsIn(body: unknown): Record<string, string> {
  try {
    parseSpec(body);
  } catch (error) {
    if (!(error instanceof SpecInvalid)) throw error;
    return Object.fromEntries(error.problems.map(({ pointer, detail }) => [pointer, detail]));
  }
  throw new Error(`expected ${JSON.stringify(body)} to be refused`);
}

/** As the wire brings it: JSON.parse makes an own property of "__proto__", an object literal does not. */
const wire = (json: string): unknown => JSON.parse(json);

describe('parseSpec', () => {
  it('fills in the whole job of the notebook from the data set alone', () => {
    expect(parseSpec({ dataset: imdb })).toMatchObject({
      name: 'imdb-lstm',
      dataset: { source: 'imdb', num_words: 500, maxlen: 100, validation_split: 0.2, split_seed: 42 },
      model: { embedding: { output_dim: 16 }, lstm: [{ units: 8, bidirectional: false }], dense: [] },
      training: { epochs: 10, batch_size: 64, optimizer: { type: 'rmsprop', learning_rate: 0.0001 } },
      callbacks: { early_stopping: { monitor: 'val_loss', patience: 3 } },
    });
  });

  it('takes an optimizer without a type as rmsprop', () => {
    const { optimizer } = parseSpec({ dataset: imdb, training: { optimizer: { learning_rate: 0.01 } } }).training;
    expect(optimizer).toMatchObject({ type: 'rmsprop', learning_rate: 0.01, rho: 0.9 });
  });

  it.each<[string, unknown, Record<string, string>]>([
    ['nothing', undefined, { '': 'expected an object, got nothing' }],
    ['null', null, { '': 'expected an object, got null' }],
    ['a list', [1, 2], { '': 'expected an object, got a list of 2' }],
    ['no data set', {}, { '/dataset': 'expected an object whose "source" is one of "imdb", "imdb-mini", got nothing' }],
    ['a data set without a source', { dataset: {} }, { '/dataset/source': 'expected one of "imdb", "imdb-mini", got nothing' }],
    ['an unknown source', { dataset: { source: 'mnist' } }, { '/dataset/source': 'expected one of "imdb", "imdb-mini", got "mnist"' }],
    ['a misspelt field', { dataset: imdb, training: { epoch: 3 } }, { '/training/epoch': 'unknown field "epoch", did you mean "epochs"?' }],
    [
      'a field with no known one near',
      { dataset: imdb, model: { embedding: { zzzzz: 1 } } },
      { '/model/embedding/zzzzz': 'unknown field "zzzzz", expected one of "output_dim", "mask_zero"' },
    ],
    [
      'a misspelt field inside the optimizer chosen',
      { dataset: imdb, training: { optimizer: { type: 'adam', beta1: 0.5 } } },
      { '/training/optimizer/beta1': 'unknown field "beta1", did you mean "beta_1"?' },
    ],
    [
      'a misspelt field inside an optimizer without a type',
      { dataset: imdb, training: { optimizer: { learning_rat: 0.5 } } },
      { '/training/optimizer/learning_rat': 'unknown field "learning_rat", did you mean "learning_rate"?' },
    ],
    [
      'an unknown optimizer',
      { dataset: imdb, training: { optimizer: { type: 'lion' } } },
      { '/training/optimizer/type': 'expected one of "rmsprop", "adam", "adamw", "nadam", "sgd", "adagrad", got "lion"' },
    ],
    [
      'a misspelt field inside one layer',
      { dataset: imdb, model: { lstm: [{}, { unit: 4 }] } },
      { '/model/lstm/1/unit': 'unknown field "unit", did you mean "units"?' },
    ],
    [
      'a text for a number',
      { dataset: imdb, training: { epochs: '10' } },
      { '/training/epochs': 'expected an integer from 1 to 10000, got "10"' },
    ],
    [
      'a fraction for an integer',
      { dataset: imdb, training: { epochs: 1.5 } },
      { '/training/epochs': 'expected an integer from 1 to 10000, got 1.5' },
    ],
    [
      'a number below its range',
      { dataset: { source: 'imdb', maxlen: 0 } },
      { '/dataset/maxlen': 'expected an integer from 1 to 2500, got 0' },
    ],
    [
      'a number at its open bound',
      { dataset: { source: 'imdb', validation_split: 0 } },
      { '/dataset/validation_split': 'expected a number greater than 0 and at most 0.9, got 0' },
    ],
    [
      '1e400',
      wire('{"dataset":{"source":"imdb"},"training":{"optimizer":{"learning_rate":1e400}}}'),
      { '/training/optimizer/learning_rate': 'expected a number greater than 0 and at most 10, got a number too large for a 64-bit float' },
    ],
    ['an empty list', { dataset: imdb, model: { lstm: [] } }, { '/model/lstm': 'expected a list of 1 to 8 items, got a list of 0' }],
    [
      'an object for a list',
      { dataset: imdb, model: { lstm: { units: 8 } } },
      { '/model/lstm': 'expected a list of 1 to 8 items, got an object' },
    ],
    [
      'a word for a switch',
      { dataset: imdb, callbacks: { terminate_on_nan: 'yes' } },
      { '/callbacks/terminate_on_nan': 'expected true or false, got "yes"' },
    ],
    [
      'an unknown loss',
      { dataset: imdb, training: { loss: 'mse' } },
      {
        '/training/loss':
          'expected one of "binary_crossentropy", "sparse_categorical_crossentropy", "mean_squared_error", "mean_absolute_error", "huber", got "mse"',
      },
    ],
    [
      'a monitor that is no quantity',
      { dataset: imdb, callbacks: { early_stopping: { monitor: 'f1' } } },
      { '/callbacks/early_stopping/monitor': 'expected a logged quantity such as "val_loss", got "f1"' },
    ],
    [
      'two kinds of clipping',
      { dataset: imdb, training: { optimizer: { type: 'sgd', clipnorm: 1, clipvalue: 1 } } },
      { '/training/optimizer/clipvalue': 'expected at most one kind of clipping, but clipnorm and clipvalue are set' },
    ],
    [
      'a class that is no index',
      { dataset: imdb, training: { class_weight: { positive: 2 } } },
      { '/training/class_weight/positive': 'expected a class index such as "0", got the key "positive"' },
    ],
    [
      'metadata that is no text',
      { dataset: imdb, metadata: { run: 5 } },
      { '/metadata/run': 'expected a string of at most 512 characters, got 5' },
    ],
    [
      'a key that needs escaping',
      { dataset: imdb, metadata: { 'a/b~c': 5 } },
      { '/metadata/a~1b~0c': 'expected a string of at most 512 characters, got 5' },
    ],
    [
      'a long text',
      { dataset: imdb, name: 'x'.repeat(201) },
      { '/name': `expected a string of 1 to 200 characters, got "${'x'.repeat(60)}"... (201 characters)` },
    ],
    ['__proto__', wire('{"dataset":{"source":"imdb"},"__proto__":{"a":1}}'), { '/__proto__': 'the field name "__proto__" is not allowed' }],
    [
      '__proto__ where any key may stand',
      wire('{"dataset":{"source":"imdb"},"metadata":{"__proto__":"x"}}'),
      { '/metadata/__proto__': 'the field name "__proto__" is not allowed' },
    ],
  ])('refuses %s', (_, body, problems) => {
    expect(problemsIn(body)).toEqual(problems);
  });

  it('names "constructor" as an unknown field and leaves prototypes alone', () => {
    const problems = problemsIn(wire('{"dataset":{"source":"imdb"},"constructor":{"prototype":{"polluted":true}}}'));
    expect(problems['/constructor']).toMatch(/^unknown field "constructor", expected one of "name", "dataset", /);
    expect({}).not.toHaveProperty('polluted');
  });

  it('tells every problem at once', () => {
    const problems = problemsIn({ dataset: { source: 'imdb', maxlen: 0 }, training: { epoch: 1, seed: -1 }, engine: 'torch', priority: 0 });
    expect(Object.keys(problems).sort()).toEqual(['/dataset/maxlen', '/engine', '/priority', '/training/epoch', '/training/seed']);
  });

  it('names the place in nesting of a hundred thousand levels', () => {
    const depth = 100_000;
    const [pointer, detail] = Object.entries(problemsIn(wire(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)))[0] ?? [];
    expect(pointer).toBe(`/a${'/0'.repeat(19)}`);
    expect(detail).toBe('nested too deeply: expected at most 20 levels');
  });

  it('reports the first fifty of very many problems and counts the rest', () => {
    const body = { dataset: imdb, ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field${i}`, i])) };
    const problems = problemsIn(body);
    expect(Object.keys(problems)).toHaveLength(51);
    expect(problems['']).toBe('and 10 more problems');
  });

  it('answers within reason to a megabyte as a field name', () => {
    const [pointer, detail = ''] = Object.entries(problemsIn({ dataset: imdb, ['k'.repeat(1e6)]: 1 }))[0] ?? [];
    expect(pointer).toBe('');
    expect(detail.length).toBeLessThan(400);
  });
});
