/** Rows of different lengths in one array: row i is `values[offsets[i]]` up to, not including, `values[offsets[i + 1]]`. */
export interface Sequences {
  readonly values: Int32Array;
  /** [rows + 1], rising, from 0. */
  readonly offsets: Int32Array;
}

export const rowCount = (sequences: Sequences): number => sequences.offsets.length - 1;
