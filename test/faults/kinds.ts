import { isTerminal, type Job } from '../../src/contract/job.ts';
import { type KerasHistory, kerasHistory } from '../../src/jobs/results/keras-history.ts';
import { resultOf } from '../rig/trained.ts';
import { SMALL, smallJob } from '../small-jobs.ts';
import { until } from '../until.ts';
import type { Fleet } from './fleet.ts';
import type { Report } from './report.ts';
import { ask } from './request.ts';

/** A kind of job, and what it gives when nothing happens to it. */
export interface Kind {
  readonly spec: object;
  readonly history: KerasHistory;
  readonly result: object;
}

/** No training takes as long: who ends one for it has trusted a clock that was set. */
const LIMIT = { max_runtime_seconds: 1800 };

const SPECS = [
  { ...SMALL, ...LIMIT },
  smallJob(
    { epochs: 8, batch_size: 64, optimizer: { type: 'nadam' }, seed: 3 },
    {
      ...LIMIT,
      model: { embedding: { output_dim: 4 }, lstm: [{ units: 8, dropout: 0.2 }] },
      callbacks: { early_stopping: null, checkpoint: { save_best_only: false } },
    },
  ),
  smallJob(
    { epochs: 4, batch_size: 64, optimizer: { type: 'adam', amsgrad: true }, seed: 5 },
    {
      ...LIMIT,
      model: { embedding: { output_dim: 4, mask_zero: true }, lstm: [{ units: 8, bidirectional: true, recurrent_dropout: 0.1 }] },
      callbacks: { early_stopping: null, reduce_lr_on_plateau: { patience: 1, factor: 0.5 } },
    },
  ),
  smallJob({ epochs: 3, batch_size: 1024, optimizer: { type: 'sgd', momentum: 0.9 } }, LIMIT),
];

/** Trains one of each while nothing happens. Throws when one of them does not succeed. */
export const undisturbedKinds = (fleet: Fleet, report: Report): Promise<Kind[]> =>
  Promise.all(
    SPECS.map(async (spec) => {
      const { body } = await ask(fleet.apis[0]!, { operation: 'createJob', method: 'POST', path: '/v1/jobs', body: spec }, report);
      const { id } = body as Job;
      await until(async () => isTerminal((await fleet.runs.readRecord(id)).state), `the undisturbed ${id} has ended`);
      const run = await fleet.runs.read(id);
      if (run.record.state !== 'succeeded') throw new Error(`the undisturbed ${id} is ${run.record.state}: ${run.record.error?.message}`);
      return { spec, history: kerasHistory(await fleet.runs.readHistory(id), run.spec), result: await resultOf(fleet, id) };
    }),
  );
