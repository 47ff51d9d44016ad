import type { LossName } from '../../src/contract/spec.ts';
import type { Activation } from '../../src/plan/plan.ts';

/** A row's loss and its gradient with respect to the logits (values before the output activation). Keras' definitions. */
export function rowLoss(loss: LossName, logits: Float64Array, targets: readonly number[]): { value: number; gradient: Float64Array } {
  switch (loss) {
    case 'binary_crossentropy': {
      const terms = logits.map((z, i) => Math.max(z, 0) - z * targets[i]! + Math.log1p(Math.exp(-Math.abs(z))));
      return { value: mean(terms), gradient: logits.map((z, i) => (1 / (1 + Math.exp(-z)) - targets[i]!) / logits.length) };
    }
    case 'sparse_categorical_crossentropy': {
      const probabilities = activate('softmax', logits);
      const target = targets[0]!;
      return { value: -Math.log(probabilities[target]!), gradient: probabilities.map((p, i) => p - (i === target ? 1 : 0)) };
    }
    case 'mean_squared_error':
      return errors(
        logits,
        targets,
        (e) => e * e,
        (e) => 2 * e,
      );
    case 'mean_absolute_error':
      return errors(logits, targets, Math.abs, Math.sign);
    case 'huber':
      return errors(
        logits,
        targets,
        (e) => (Math.abs(e) <= 1 ? 0.5 * e * e : Math.abs(e) - 0.5),
        (e) => (Math.abs(e) <= 1 ? e : Math.sign(e)),
      );
  }
}

export function activate(activation: Activation, values: Float64Array): Float64Array {
  switch (activation) {
    case 'linear':
      return values;
    case 'relu':
      return values.map((v) => Math.max(0, v));
    case 'sigmoid':
      return values.map((v) => 1 / (1 + Math.exp(-v)));
    case 'tanh':
      return values.map(Math.tanh);
    case 'softmax': {
      const largest = Math.max(...values);
      const powers = values.map((v) => Math.exp(v - largest));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((p) => p / sum);
    }
  }
}

/** The derivative of a hidden layer's activation, told from what it put out. */
export function derivative(activation: Activation, output: number): number {
  switch (activation) {
    case 'relu':
      return output > 0 ? 1 : 0;
    case 'sigmoid':
      return output * (1 - output);
    case 'tanh':
      return 1 - output * output;
    default:
      return 1;
  }
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

const errors = (outputs: Float64Array, targets: readonly number[], measure: (e: number) => number, slope: (e: number) => number) => ({
  value: mean(outputs.map((y, i) => measure(y - targets[i]!))),
  gradient: outputs.map((y, i) => slope(y - targets[i]!) / outputs.length),
});
