/** What one row of inputs looks like: token ids [T], or numbers [T, F]. */
export type InputShape =
  | { readonly kind: 'tokens'; readonly timesteps: number; readonly vocabulary: number }
  | { readonly kind: 'numeric'; readonly timesteps: number; readonly features: number };

/** All that is known of a job's data before its rows are read. Known once, when the job is accepted. */
export interface DataShape {
  readonly input: InputShape;
  /** Number of classes; null when the targets are numbers to regress to. */
  readonly classes: number | null;
  /** Numbers in one row of targets. */
  readonly targetSize: number;
  /** Rows that an epoch trains on. */
  readonly trainRows: number;
  /** Rows that it validates with. */
  readonly validationRows: number;
}
