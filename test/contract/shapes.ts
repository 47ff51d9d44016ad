import type { DataShape } from '../../src/contract/data-shape.ts';

/** The shape of the seed's data, but for `changes`. */
export const seedShape = (changes: Partial<DataShape> = {}): DataShape => ({
  input: { kind: 'tokens', timesteps: 100, vocabulary: 500 },
  classes: 2,
  targetSize: 1,
  trainRows: 20_000,
  validationRows: 5_000,
  ...changes,
});
