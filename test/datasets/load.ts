import { type DatasetSpec, datasetSchema } from '../../src/contract/dataset.ts';
import type { Dataset, LoadOptions } from '../../src/datasets/dataset.ts';
import { describeDataset, loadDataset } from '../../src/datasets/sources.ts';

export const datasetOf = (given: { source: DatasetSpec['source'] } & Record<string, unknown>): DatasetSpec => datasetSchema.parse(given);

/** Described and loaded, as a job's data are. */
export const loadDescribed = async (spec: DatasetSpec, options: LoadOptions): Promise<Dataset> =>
  loadDataset(spec, await describeDataset(spec), options);
