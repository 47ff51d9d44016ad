import { createHash } from 'node:crypto';
import { cpus, hostname } from 'node:os';
import { canonicalJson } from '../contract/canonical-json.ts';
import type { Spec } from '../contract/spec.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { EngineInfo } from '../training/engine.ts';
import type { TrainerTask } from './messages.ts';

interface Facts {
  readonly task: TrainerTask;
  readonly spec: Spec;
  readonly dataset: Dataset;
  readonly engine: EngineInfo;
  /** The step of the checkpoint that this attempt goes on from. */
  readonly resumedFrom: number | null;
}

/** Everything that the bits of the result depend on, and where they were made. */
export function manifestOf({ task, spec, dataset, engine, resumedFrom }: Facts): object {
  return {
    id: task.id,
    attempt: task.attempt,
    claim: task.claim,
    resumed_from_step: resumedFrom,
    seed: spec.training.seed,
    spec,
    spec_sha256: createHash('sha256').update(canonicalJson(spec)).digest('hex'),
    dataset: { sha256: dataset.sha256, origin: dataset.origin, train_rows: dataset.train.rows, validation_rows: dataset.validation.rows },
    engine,
    epochd: task.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    host: hostname(),
    started_at: new Date().toISOString(),
  };
}
