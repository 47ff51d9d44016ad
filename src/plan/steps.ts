/** The last batch may be smaller than the others. */
export const countBatches = (rows: number, batchSize: number): number => Math.ceil(rows / batchSize);
