import type { DataShape, InputShape } from '../contract/data-shape.ts';
import type { LossName, Spec } from '../contract/spec.ts';

export type Activation = 'linear' | 'relu' | 'sigmoid' | 'tanh' | 'softmax';

export interface EmbeddingPlan {
  readonly inputDim: number;
  readonly outputDim: number;
  /** Token 0 is padding: steps that hold it leave the LSTM state as it was. */
  readonly maskZero: boolean;
}

/** The gates of an LSTM in Keras' order. */
const GATES = ['i', 'f', 'c', 'o'] as const;

/** One LSTM layer. Its weights lie gate by gate; all but the last layer return their whole sequence. */
export interface LstmPlan {
  readonly inputSize: number;
  readonly units: number;
  readonly bidirectional: boolean;
  readonly returnSequences: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
}

export interface DensePlan {
  readonly inputSize: number;
  readonly units: number;
  readonly activation: Activation;
  readonly dropout: number;
}

export type Initializer = 'uniform' | 'glorot_uniform' | 'orthogonal' | 'zeros' | 'unit_forget_bias';

/** One trainable array. `name` is Keras' path without the model's own name. */
export interface WeightPlan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

/**
 * A place where a mask [batch, width] is multiplied in while training. The loop draws the masks, already scaled by
 * 1 / (1 - rate), so that both engines see the same ones; an engine finds its own by index in `Plan.dropoutSites`.
 */
export interface DropoutSite {
  readonly layer: 'lstm' | 'dense';
  /** Index of the layer within `Plan.lstm` or `Plan.dense`. */
  readonly index: number;
  readonly on: 'input' | 'recurrent' | 'output';
  readonly direction: 'forward' | 'backward';
  /** The gate of an LSTM that the mask is for; null where there are no gates, or where all share it. */
  readonly gate: (typeof GATES)[number] | null;
  readonly width: number;
  readonly rate: number;
}

/** A model as arithmetic: layers with their sizes, and the weights in Keras' order. Frozen data, no behaviour. */
export interface Plan {
  readonly input: InputShape;
  readonly embedding: EmbeddingPlan | null;
  readonly lstm: readonly LstmPlan[];
  readonly dense: readonly DensePlan[];
  readonly output: DensePlan;
  readonly loss: LossName;
  readonly weights: readonly WeightPlan[];
  readonly dropoutSites: readonly DropoutSite[];
}

export interface ModelDescription {
  readonly embedding: { readonly output_dim: number; readonly mask_zero: boolean } | null;
  readonly lstm: readonly {
    readonly units: number;
    readonly dropout: number;
    readonly recurrent_dropout: number;
    readonly bidirectional: boolean;
  }[];
  readonly dense: readonly { readonly units: number; readonly activation: Activation; readonly dropout: number }[];
}

/** The model that a spec describes over its data: a softmax has one output for each class, anything else one for each target. */
export function planSpec({ model, training }: Pick<Spec, 'model' | 'training'>, { input, classes, targetSize }: DataShape): Plan {
  const outputs = training.loss === 'sparse_categorical_crossentropy' ? (classes ?? targetSize) : targetSize;
  return planModel(model, input, outputs, training.loss);
}

/**
 * Sizes, weights and dropout sites of a model over `input` whose output layer has `outputUnits` units and whose loss is `loss`. Throws
 * RangeError when there is an embedding for numbers, or none for token ids.
 */
export function planModel(model: ModelDescription, input: InputShape, outputUnits: number, loss: LossName): Plan {
  const embedding = planEmbedding(model, input);
  const lstm: LstmPlan[] = [];
  let size = embedding?.outputDim ?? (input.kind === 'numeric' ? input.features : 1);
  for (const [index, layer] of model.lstm.entries()) {
    const { units, bidirectional, dropout, recurrent_dropout: recurrentDropout } = layer;
    lstm.push({ inputSize: size, units, bidirectional, returnSequences: index < model.lstm.length - 1, dropout, recurrentDropout });
    size = units * (bidirectional ? 2 : 1);
  }
  const dense: DensePlan[] = [];
  for (const layer of model.dense) {
    dense.push({ inputSize: size, ...layer });
    size = layer.units;
  }
  const output: DensePlan = { inputSize: size, units: outputUnits, activation: outputActivation(loss), dropout: 0 };
  return {
    input,
    embedding,
    lstm,
    dense,
    output,
    loss,
    weights: [...embeddingWeights(embedding), ...lstm.flatMap(lstmWeights), ...[...dense, output].flatMap(denseWeights)],
    dropoutSites: [...lstm.flatMap(lstmSites), ...dense.flatMap(denseSites)],
  };
}

export const countParameters = (plan: Plan): number => plan.weights.reduce((sum, { shape }) => sum + elements(shape), 0);

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const outputActivation = (loss: LossName): Activation =>
  loss === 'binary_crossentropy' ? 'sigmoid' : loss === 'sparse_categorical_crossentropy' ? 'softmax' : 'linear';

function planEmbedding(model: ModelDescription, input: InputShape): EmbeddingPlan | null {
  if ((input.kind === 'tokens') !== (model.embedding !== null)) {
    throw new RangeError(`model.embedding: expected ${input.kind === 'tokens' ? 'an embedding for token ids' : 'null for numeric input'}`);
  }
  if (input.kind !== 'tokens' || model.embedding === null) return null;
  return { inputDim: input.vocabulary, outputDim: model.embedding.output_dim, maskZero: model.embedding.mask_zero };
}

/** Keras numbers layers of one kind: dense, dense_1, dense_2. */
const numbered = (name: string, index: number): string => (index === 0 ? name : `${name}_${index}`);

const embeddingWeights = (embedding: EmbeddingPlan | null): WeightPlan[] =>
  embedding ? [{ name: 'embedding/embeddings', shape: [embedding.inputDim, embedding.outputDim], initializer: 'uniform' }] : [];

function lstmWeights({ inputSize, units, bidirectional }: LstmPlan, index: number, layers: readonly LstmPlan[]): WeightPlan[] {
  const lstm = numbered('lstm', index);
  const wrapper = numbered('bidirectional', layers.slice(0, index).filter((layer) => layer.bidirectional).length);
  const cells = bidirectional ? [`${wrapper}/forward_${lstm}`, `${wrapper}/backward_${lstm}`] : [lstm];
  return cells.flatMap((cell): WeightPlan[] => [
    { name: `${cell}/lstm_cell/kernel`, shape: [inputSize, 4 * units], initializer: 'glorot_uniform' },
    { name: `${cell}/lstm_cell/recurrent_kernel`, shape: [units, 4 * units], initializer: 'orthogonal' },
    { name: `${cell}/lstm_cell/bias`, shape: [4 * units], initializer: 'unit_forget_bias' },
  ]);
}

const denseWeights = ({ inputSize, units }: DensePlan, index: number): WeightPlan[] => [
  { name: `${numbered('dense', index)}/kernel`, shape: [inputSize, units], initializer: 'glorot_uniform' },
  { name: `${numbered('dense', index)}/bias`, shape: [units], initializer: 'zeros' },
];

/** Keras' LSTMCell: recurrent dropout makes it draw a mask for each gate, of the state and of the inputs too. */
function lstmSites({ inputSize, units, bidirectional, dropout, recurrentDropout }: LstmPlan, index: number): DropoutSite[] {
  const directions = bidirectional ? (['forward', 'backward'] as const) : (['forward'] as const);
  const places = [
    { on: 'input', width: inputSize, rate: dropout } as const,
    { on: 'recurrent', width: units, rate: recurrentDropout } as const,
  ].filter(({ rate }) => rate > 0);
  const gates = recurrentDropout > 0 ? GATES : [null];
  return directions.flatMap((direction) =>
    places.flatMap((place) => gates.map((gate): DropoutSite => ({ layer: 'lstm', index, direction, gate, ...place }))),
  );
}

const denseSites = ({ units, dropout }: DensePlan, index: number): DropoutSite[] =>
  dropout > 0 ? [{ layer: 'dense', index, on: 'output', direction: 'forward', gate: null, width: units, rate: dropout }] : [];
