import type { DataShape, InputShape } from './data-shape.ts';
import type { Problem } from './errors.ts';
import { listProblems } from './explain/parse.ts';
import type { RuntimeLimits } from './runtime-limits.ts';
import type { LossName, Spec } from './spec.ts';

/** What is wrong with a spec whose fields are right, each taken by itself: every problem, in the order of the spec. */
export const checkRules = (spec: Spec, { input, classes }: DataShape): Problem[] =>
  listProblems(
    [
      ...checkEmbedding(spec, input),
      ...checkLoss(spec, classes),
      ...checkMetrics(spec),
      ...checkClassWeight(spec, classes),
      ...checkKeepLast(spec),
      ...checkMonitors(spec),
      ...checkMinimumRate(spec),
    ].map((problem) => () => problem),
  );

const isClassification = (loss: LossName): boolean => loss === 'binary_crossentropy' || loss === 'sparse_categorical_crossentropy';

function checkEmbedding({ model: { embedding } }: Spec, { kind }: InputShape): Problem[] {
  const pointer = '/model/embedding';
  if (kind === 'tokens' && embedding === null) {
    return [
      { pointer, detail: 'null, but the data are token ids, which need an embedding: expected an object such as {"output_dim": 16}' },
    ];
  }
  if (kind === 'numeric' && embedding !== null) {
    return [{ pointer, detail: `an embedding of output_dim ${embedding.output_dim}, but the data are numbers: expected null` }];
  }
  return [];
}

function checkLoss({ training: { loss } }: Spec, classes: number | null): Problem[] {
  const pointer = '/training/loss';
  if (classes === null && isClassification(loss)) {
    return [
      { pointer, detail: `"${loss}" needs classes, but the targets are numbers: expected a regression loss such as "mean_squared_error"` },
    ];
  }
  if (classes !== null && classes !== 2 && loss === 'binary_crossentropy') {
    return [{ pointer, detail: `"${loss}" needs 2 classes, but there are ${classes}: expected "sparse_categorical_crossentropy"` }];
  }
  return [];
}

function checkMetrics({ training: { loss, metrics } }: Spec): Problem[] {
  return metrics.flatMap((metric, index): Problem[] => {
    const pointer = `/training/metrics/${index}`;
    if (metrics.indexOf(metric) < index) return [{ pointer, detail: `"${metric}" is listed twice: expected each metric once` }];
    if (metric !== 'accuracy' || isClassification(loss)) return [];
    return [
      {
        pointer,
        detail: `"accuracy" means nothing with the regression loss "${loss}": expected "mean_absolute_error" or "mean_squared_error"`,
      },
    ];
  });
}

function checkClassWeight({ training: { loss, class_weight } }: Spec, classes: number | null): Problem[] {
  if (class_weight === null) return [];
  if (classes === null || !isClassification(loss)) {
    return [{ pointer: '/training/class_weight', detail: `class weights mean nothing with the regression loss "${loss}": expected null` }];
  }
  return Object.keys(class_weight)
    .filter((key) => Number(key) >= classes)
    .map((key) => ({
      pointer: `/training/class_weight/${key}`,
      detail: `there is no class ${key}: expected a class index from 0 to ${classes - 1}`,
    }));
}

function checkKeepLast({ callbacks: { checkpoint } }: Spec): Problem[] {
  if (!checkpoint.save_best_only || checkpoint.keep_last === undefined) return [];
  const detail = `keep_last is ${checkpoint.keep_last}, which means nothing with save_best_only: expected "save_best_only": false beside it`;
  return [{ pointer: '/callbacks/checkpoint/keep_last', detail }];
}

function checkMonitors({ training, callbacks }: Spec): Problem[] {
  const logged = ['loss', ...training.metrics].flatMap((name) => [name, `val_${name}`]);
  const monitors = Object.entries({
    checkpoint: callbacks.checkpoint.monitor,
    early_stopping: callbacks.early_stopping?.monitor,
    reduce_lr_on_plateau: callbacks.reduce_lr_on_plateau?.monitor,
  });
  return monitors.flatMap(([callback, monitor]): Problem[] => {
    if (monitor === undefined || logged.includes(monitor)) return [];
    const detail = `"${monitor}" is not logged by this job: expected one of ${[...new Set(logged)].join(', ')}`;
    return [{ pointer: `/callbacks/${callback}/monitor`, detail }];
  });
}

function checkMinimumRate({ training, callbacks }: Spec): Problem[] {
  const rate = training.optimizer.learning_rate;
  const minimum = callbacks.reduce_lr_on_plateau?.min_lr ?? 0;
  if (minimum <= rate) return [];
  const pointer = '/callbacks/reduce_lr_on_plateau/min_lr';
  return [{ pointer, detail: `${minimum} is above the learning rate that training starts with: expected at most ${rate}` }];
}

/** What is wrong with how long a run is to train, in a service with these limits. */
export function checkRuntime({ max_runtime_seconds: asked }: Spec, { maxSeconds }: RuntimeLimits): Problem[] {
  if (asked === null || maxSeconds === null || asked <= maxSeconds) return [];
  const detail = `max_runtime_seconds is ${asked}: expected at most ${maxSeconds}, which EPOCHD_MAX_RUNTIME_SECONDS of this service allows`;
  return [{ pointer: '/max_runtime_seconds', detail }];
}
