/*
 * Jobs that a fault can be aimed at. They ask for the core, whose speed is known, and not for whatever engine a machine has.
 */

const data = { source: 'imdb-mini', num_words: 100, maxlen: 20 };

/** Five epochs of 44 batches, of about half a second at the pace of tests. Dropout and Adam make every batch count: one too many or too few changes the bits. */
export const SMALL = {
  name: 'small',
  dataset: data,
  model: { embedding: { output_dim: 4 }, lstm: [{ units: 4 }, { units: 4 }], dense: [{ units: 8, dropout: 0.3 }] },
  training: { epochs: 5, optimizer: { type: 'adam' } },
  callbacks: { early_stopping: { patience: 10 } },
  engine: 'core',
};

/** Over as soon as it has begun. */
export const QUICK = {
  ...SMALL,
  name: 'quick',
  model: { embedding: { output_dim: 4 }, lstm: [{ units: 8 }] },
  training: { epochs: 3, batch_size: 2048 },
};

/** More epochs than a test can wait for. */
export const ENDLESS = { ...SMALL, name: 'endless', training: { epochs: 10_000 }, callbacks: { early_stopping: null } };

/** An epoch that a test cannot wait for: nothing is ever saved but by a hand-over. */
export const LONG_EPOCH = {
  ...ENDLESS,
  name: 'long epoch',
  dataset: { ...data, maxlen: 100 },
  model: { lstm: [{ units: 128 }, { units: 128 }] },
  training: { epochs: 1, batch_size: 4 },
};

/** One batch is a single call of the engine that may take half an hour, by what is taken for hung. */
export const LONG_CALL = {
  ...ENDLESS,
  name: 'long call',
  dataset: { ...data, maxlen: 50 },
  model: { embedding: { output_dim: 4 }, lstm: [{ units: 512 }] },
  training: { epochs: 1, batch_size: 1408 },
};

/** SMALL with other training and other parts. */
export const smallJob = (training: object, parts: object = {}): object => ({
  ...SMALL,
  training: { ...SMALL.training, ...training },
  ...parts,
});
