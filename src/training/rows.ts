/** Rows of data in memory. */
export interface Rows {
  readonly rows: number;
  /** Token ids [rows, T], or numbers [rows, T, F]. */
  readonly inputs: Int32Array | Float32Array;
  /** [rows, 1] class index or 0/1 label, or [rows, output units]. */
  readonly targets: Float32Array;
}

/** Both have at least one row. */
export interface TrainingData {
  readonly train: Rows;
  readonly validation: Rows;
}
