import type { LossName, MetricName } from '../contract/spec.ts';

/** Predictions [rows, outputs] and targets [rows, 1] or [rows, outputs] of one batch. */
export interface Predicted {
  readonly rows: number;
  readonly outputs: Float32Array;
  readonly targets: Float32Array;
}

/**
 * The mean of a metric over the rows of a batch, as Keras computes it. Class weights do not count in it.
 * Sources: keras/src/metrics/accuracy_metrics.py, keras/src/metrics/regression_metrics.py (3.15).
 */
export function batchMetric(metric: MetricName, loss: LossName, predicted: Predicted): number {
  switch (metric) {
    case 'accuracy':
      return loss === 'sparse_categorical_crossentropy' ? categoricalAccuracy(predicted) : binaryAccuracy(predicted);
    case 'mean_absolute_error':
      return meanError(predicted, Math.abs);
    case 'mean_squared_error':
      return meanError(predicted, (error) => error * error);
  }
}

function binaryAccuracy({ outputs, targets }: Predicted): number {
  let right = 0;
  for (let i = 0; i < outputs.length; i++) if ((outputs[i]! > 0.5 ? 1 : 0) === targets[i]) right++;
  return right / outputs.length;
}

function categoricalAccuracy({ rows, outputs, targets }: Predicted): number {
  const classes = outputs.length / rows;
  let right = 0;
  for (let row = 0; row < rows; row++) if (firstMaximum(outputs, row * classes, classes) === targets[row]) right++;
  return right / rows;
}

function firstMaximum(values: Float32Array, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** A single target column is compared with every output column: Keras broadcasts it. */
function meanError({ outputs, targets }: Predicted, measure: (error: number) => number): number {
  const repeat = outputs.length / targets.length;
  let sum = 0;
  for (let i = 0; i < outputs.length; i++) sum += measure(outputs[i]! - targets[Math.floor(i / repeat)]!);
  return sum / outputs.length;
}
