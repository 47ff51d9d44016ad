/** Rows of different lengths in one array: row i is `values[offsets[i]]` up to, not including, `values[offsets[i + 1]]`. */
export interface Sequences {
  readonly values: Int32Array;
  /** rows + 1 numbers that never fall; the first is 0. */
  readonly offsets: Int32Array;
}

export const rowCount = (sequences: Sequences): number => sequences.offsets.length - 1;

/** A float32 array with the name that Keras gives it. Its data are row-major. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Rows of data in memory. */
export interface Rows {
  readonly rows: number;
  /** Token ids [rows, T], or numbers [rows, T, F]. */
  readonly inputs: Int32Array | Float32Array;
  /** [rows, 1] class index or 0/1 label, or [rows, output units]. */
  readonly targets: Float32Array;
}

/** What a training reads. Both parts have at least one row. */
export interface TrainingData {
  readonly train: Rows;
  readonly validation: Rows;
}
