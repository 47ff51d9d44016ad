import type { OptimizerSpec } from '../../contract/optimizer.ts';
import type { LossName } from '../../contract/spec.ts';
import type { Activation, Plan } from '../../plan/plan.ts';

const ACTIVATIONS: readonly Activation[] = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'];
const LOSSES: readonly LossName[] = [
  'binary_crossentropy',
  'sparse_categorical_crossentropy',
  'mean_squared_error',
  'mean_absolute_error',
  'huber',
];
const RULES: readonly OptimizerSpec['type'][] = ['rmsprop', 'adam', 'nadam', 'sgd', 'adagrad'];

/** A plan and its optimizer as numbers, in the order in which core/plan.hpp reads them. */
export function describePlan(plan: Plan, optimizer: OptimizerSpec, maxRows: number): Float64Array {
  const { input, embedding, lstm, dense, output, loss } = plan;
  const [first] = lstm;
  return Float64Array.from(
    [
      [maxRows, input.timesteps, embedding?.inputDim ?? 0, first?.inputSize ?? 0, embedding?.maskZero ?? false],
      [lstm.length],
      ...lstm.map((l) => [l.inputSize, l.units, l.bidirectional ? 2 : 1, l.returnSequences, l.dropout > 0, l.recurrentDropout > 0]),
      [dense.length + 1],
      ...[...dense, output].map((d) => [d.inputSize, d.units, ACTIVATIONS.indexOf(d.activation), d.dropout > 0]),
      [LOSSES.indexOf(loss)],
      describeOptimizer(optimizer),
    ].flat(),
    Number,
  );
}

function describeOptimizer(spec: OptimizerSpec): (number | boolean)[] {
  const rule = RULES.indexOf(spec.type === 'adamw' ? 'adam' : spec.type);
  const { decays, epsilon, momentum, accumulator, option } = { ...NOTHING, ...ownNumbers(spec) };
  return [rule, ...decays, epsilon, momentum, accumulator, option, ...clipOf(spec), spec.weight_decay ?? 0];
}

const NOTHING = { decays: [0, 0], epsilon: 0, momentum: 0, accumulator: 0, option: false };

function ownNumbers(spec: OptimizerSpec): Partial<typeof NOTHING> {
  switch (spec.type) {
    case 'rmsprop':
      return { decays: [spec.rho, 0], epsilon: spec.epsilon, momentum: spec.momentum, option: spec.centered };
    case 'adam':
    case 'adamw':
      return { decays: [spec.beta_1, spec.beta_2], epsilon: spec.epsilon, option: spec.amsgrad };
    case 'nadam':
      return { decays: [spec.beta_1, spec.beta_2], epsilon: spec.epsilon };
    case 'sgd':
      return { momentum: spec.momentum, option: spec.nesterov };
    case 'adagrad':
      return { epsilon: spec.epsilon, accumulator: spec.initial_accumulator_value };
  }
}

/** The kind of clipping (none, value, norm, global norm) and its limit. */
function clipOf({ clipvalue, clipnorm, global_clipnorm }: OptimizerSpec): [number, number] {
  const limits = [clipvalue, clipnorm, global_clipnorm];
  const kind = limits.findIndex((limit) => limit !== null);
  return [kind + 1, limits[kind] ?? 0];
}
