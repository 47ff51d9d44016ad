import type { InputShape } from '../contract/data-shape.ts';
import type { DensePlan, EmbeddingPlan, LstmPlan, Plan } from '../plan/plan.ts';

/** One layer of a Keras `Sequential` as its JSON says it, and its weights in the order of `Plan.weights`. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly weights: readonly string[];
}

const CELL = ['kernel', 'recurrent_kernel', 'bias'] as const;

/** The plan as the layers of a Keras `Sequential`. The weights follow: zeros as initializers spare the reader the real ones. */
export function kerasLayers(plan: Plan): KerasLayer[] {
  const { embedding, input } = plan;
  const layers = [
    ...(embedding ? [embeddingLayer(embedding, input)] : []),
    ...plan.lstm.map(lstmLayer),
    ...[...plan.dense, plan.output].flatMap(denseLayers),
  ];
  const [first, ...rest] = layers;
  if (!first) throw new RangeError('expected a plan with at least one layer');
  return [{ ...first, config: { ...first.config, batch_input_shape: inputShape(input) } }, ...rest];
}

const inputShape = (input: InputShape): (number | null)[] =>
  input.kind === 'tokens' ? [null, input.timesteps] : [null, input.timesteps, input.features];

const numbered = (name: string, index: number): string => (index === 0 ? name : `${name}_${index}`);

const embeddingLayer = ({ inputDim, outputDim, maskZero }: EmbeddingPlan, { timesteps }: InputShape): KerasLayer => ({
  class_name: 'Embedding',
  config: {
    name: 'embedding',
    input_dim: inputDim,
    output_dim: outputDim,
    embeddings_initializer: 'zeros',
    mask_zero: maskZero,
    input_length: timesteps,
  },
  weights: ['embedding/embeddings'],
});

function lstmLayer({ units, returnSequences, bidirectional, dropout, recurrentDropout }: LstmPlan, index: number): KerasLayer {
  const name = numbered('lstm', index);
  const config = {
    name,
    units,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    use_bias: true,
    unit_forget_bias: false,
    kernel_initializer: 'zeros',
    recurrent_initializer: 'zeros',
    bias_initializer: 'zeros',
    dropout,
    recurrent_dropout: recurrentDropout,
    return_sequences: returnSequences,
  };
  if (!bidirectional) return { class_name: 'LSTM', config, weights: CELL.map((weight) => `${name}/${weight}`) };
  const outer = `bidirectional_${name}`;
  const weights = ['forward', 'backward'].flatMap((direction) => CELL.map((weight) => `${outer}/${direction}_${name}/${weight}`));
  return { class_name: 'Bidirectional', config: { name: outer, merge_mode: 'concat', layer: { class_name: 'LSTM', config } }, weights };
}

function denseLayers({ units, activation, dropout }: DensePlan, index: number): KerasLayer[] {
  const name = numbered('dense', index);
  const config = { name, units, activation, use_bias: true, kernel_initializer: 'zeros', bias_initializer: 'zeros' };
  const dense = { class_name: 'Dense', config, weights: [`${name}/kernel`, `${name}/bias`] };
  if (dropout === 0) return [dense];
  return [dense, { class_name: 'Dropout', config: { name: numbered('dropout', index), rate: dropout }, weights: [] }];
}
