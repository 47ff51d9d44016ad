import type { DatasetSpec } from '../contract/dataset.ts';
import type { InputShape } from '../plan/plan.ts';
import { testRows } from './split.ts';

/** Reviews in the training part of the IMDB data set. */
export const IMDB_ROWS = 25_000;

export interface DatasetDescription {
  readonly input: InputShape;
  /** null when the targets are numbers to regress to. */
  readonly classes: number | null;
  /** Numbers in one row of targets. */
  readonly targetSize: number;
  readonly trainRows: number;
  readonly validationRows: number;
}

const DESCRIBERS: Record<DatasetSpec['source'], (spec: DatasetSpec) => DatasetDescription> = {
  imdb: describeReviews,
  'imdb-mini': describeReviews,
};

/** What a data set looks like, from its spec alone: nothing is read. */
export const describeDataset = (spec: DatasetSpec): DatasetDescription => DESCRIBERS[spec.source](spec);

function describeReviews(spec: DatasetSpec): DatasetDescription {
  const validationRows = testRows(IMDB_ROWS, spec.validation_split);
  return {
    input: { kind: 'tokens', timesteps: spec.maxlen, vocabulary: spec.num_words },
    classes: 2,
    targetSize: 1,
    trainRows: IMDB_ROWS - validationRows,
    validationRows,
  };
}
