import type { DatasetDescription } from './describe.ts';

export interface Rows {
  readonly rows: number;
  /** Token ids [rows, T], or numbers [rows, T, F]. */
  readonly inputs: Int32Array | Float32Array;
  /** [rows, description.targetSize]. */
  readonly targets: Float32Array;
}

/** A data set in memory, ready to be cut into batches. */
export interface Dataset {
  readonly train: Rows;
  readonly validation: Rows;
  readonly description: DatasetDescription;
  /** Of the bytes that the rows were made from. */
  readonly sha256: string;
  /** Where these bytes came from, for people. */
  readonly origin: string;
}
