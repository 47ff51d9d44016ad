import { createHash } from 'node:crypto';
import { cpus, hostname } from 'node:os';
import { canonicalJson } from '../contract/canonical-json.ts';
import type { EngineInfo } from '../contract/engine-info.ts';
import type { Spec } from '../contract/spec.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Damage } from '../runs/claims/take-over.ts';
import type { TrainerTask } from './messages.ts';

export interface Facts {
  readonly task: TrainerTask;
  readonly spec: Spec;
  readonly dataset: Dataset;
  readonly engine: EngineInfo;
  /** The step of the checkpoint that this attempt goes on from. */
  readonly resumedFrom: number | null;
  /** The manifest that the checkpoint was written under. */
  readonly before: Manifest | null;
  /** Checkpoints that could not be used. */
  readonly damaged: readonly Damage[];
}

/** Training went on at `step` with other arithmetic than before. */
interface EngineChange {
  readonly step: number;
  readonly from: EngineInfo;
  readonly to: EngineInfo;
}

/** What the next attempt looks at, among other facts. */
export interface Manifest {
  readonly [fact: string]: unknown;
  readonly engine: EngineInfo;
  readonly engine_changes: readonly EngineChange[];
  /** How recurrent dropout draws its masks; null without it. Version 0.1.0, whose manifests lack this, had the gates share one. */
  readonly recurrent_dropout_masks?: 'per_gate' | null;
  /** The step at which training went on with masks that are drawn in another way. */
  readonly masks_changed_at_step?: number | null;
  /** Checkpoints that were found damaged, by all attempts so far; version 0.1.0 kept them elsewhere. */
  readonly damaged_checkpoints?: readonly Damage[];
  /** Whether the result is, to the last bit, that of a run that was never interrupted. */
  readonly bit_identical: boolean;
}

/** Everything that the bits of the result depend on, and where they were made. */
export function manifestOf({ task, spec, dataset, engine, resumedFrom, before, damaged }: Facts): Manifest {
  const engine_changes = engineChanges(before, engine, resumedFrom);
  const recurrent_dropout_masks = spec.model.lstm.some((layer) => layer.recurrent_dropout > 0) ? 'per_gate' : null;
  const masks_changed_at_step = masksChangedAt(before, recurrent_dropout_masks, resumedFrom);
  return {
    id: task.id,
    attempt: task.attempt,
    claim: task.claim,
    resumed_from_step: resumedFrom,
    damaged_checkpoints: [...(before?.damaged_checkpoints ?? []), ...damaged],
    seed: spec.training.seed,
    spec,
    spec_sha256: createHash('sha256').update(canonicalJson(spec)).digest('hex'),
    dataset: { sha256: dataset.sha256, origin: dataset.origin, train_rows: dataset.train.rows, validation_rows: dataset.validation.rows },
    engine,
    engine_changes,
    recurrent_dropout_masks,
    masks_changed_at_step,
    bit_identical: engine_changes.length === 0 && masks_changed_at_step === null,
    epochd: task.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    host: hostname(),
    started_at: new Date().toISOString(),
  };
}

function engineChanges(before: Manifest | null, engine: EngineInfo, step: number | null): readonly EngineChange[] {
  if (before === null || step === null) return [];
  const isSame = canonicalJson(before.engine) === canonicalJson(engine);
  return isSame ? before.engine_changes : [...before.engine_changes, { step, from: before.engine, to: engine }];
}

function masksChangedAt(before: Manifest | null, masks: Manifest['recurrent_dropout_masks'], step: number | null): number | null {
  if (before === null || step === null) return null;
  const isSame = masks === null || before.recurrent_dropout_masks === masks;
  return before.masks_changed_at_step ?? (isSame ? null : step);
}
