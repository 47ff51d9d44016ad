import { countParameters, elements, type LstmPlan, type Plan } from './plan.ts';

/** One line of Keras' model summary. */
export interface LayerRow {
  readonly name: string;
  /** The class of the Keras layer. */
  readonly type: 'Embedding' | 'LSTM' | 'Bidirectional' | 'Dense' | 'Dropout';
  /** null stands for the batch. */
  readonly output_shape: readonly (number | null)[];
  readonly parameters: number;
}

type Unnamed = Omit<LayerRow, 'name'>;

/** The layers that Keras would have, under the names that Keras would give them. */
export function layerTable(plan: Plan): LayerRow[] {
  const layers = [...embeddingRows(plan), ...plan.lstm.map((layer) => lstmRow(layer, plan.input.timesteps)), ...denseRows(plan)];
  const lstms = layers.filter(({ type }) => type === 'LSTM' || type === 'Bidirectional');
  return layers.map((layer) => {
    // Keras numbers an LSTM also by those that a Bidirectional wraps.
    const siblings = layer.type === 'LSTM' ? lstms : layers.filter(({ type }) => type === layer.type);
    const index = siblings.indexOf(layer);
    return { name: index === 0 ? layer.type.toLowerCase() : `${layer.type.toLowerCase()}_${index}`, ...layer };
  });
}

const LINE_LENGTH = 65;
const COLUMN_ENDS = [29, 55, 65] as const;

/** The table that `model.summary()` prints in Keras 2.8. */
export function modelSummary(plan: Plan): string {
  const parameters = countParameters(plan).toLocaleString('en-US');
  const rows = layerTable(plan).flatMap((row) => [
    line(`${row.name} (${row.type})`, `(${row.output_shape.map((size) => size ?? 'None').join(', ')})`, String(row.parameters)),
    ' '.repeat(LINE_LENGTH),
  ]);
  return [
    'Model: "sequential"',
    '_'.repeat(LINE_LENGTH),
    line('Layer (type)', 'Output Shape', 'Param #'),
    '='.repeat(LINE_LENGTH),
    ...rows,
    '='.repeat(LINE_LENGTH),
    `Total params: ${parameters}`,
    `Trainable params: ${parameters}`,
    'Non-trainable params: 0',
    '_'.repeat(LINE_LENGTH),
  ].join('\n');
}

function embeddingRows({ input, embedding }: Plan): Unnamed[] {
  if (embedding === null) return [];
  const { inputDim, outputDim } = embedding;
  return [{ type: 'Embedding', output_shape: [null, input.timesteps, outputDim], parameters: elements([inputDim, outputDim]) }];
}

function lstmRow({ inputSize, units, bidirectional, returnSequences }: LstmPlan, timesteps: number): Unnamed {
  const directions = bidirectional ? 2 : 1;
  return {
    type: bidirectional ? 'Bidirectional' : 'LSTM',
    output_shape: [null, ...(returnSequences ? [timesteps] : []), directions * units],
    parameters: directions * 4 * units * (inputSize + units + 1),
  };
}

const denseRows = ({ dense, output }: Plan): Unnamed[] =>
  [...dense, output].flatMap(({ inputSize, units, dropout }): Unnamed[] => [
    { type: 'Dense', output_shape: [null, units], parameters: (inputSize + 1) * units },
    ...(dropout > 0 ? [{ type: 'Dropout', output_shape: [null, units], parameters: 0 } as const] : []),
  ]);

/** One line of the table: columns cut or padded to their ends. */
const line = (...fields: readonly [string, string, string]): string =>
  fields.reduce(
    (text, field, index) => `${text.slice(0, -1)} ${field}`.slice(0, COLUMN_ENDS[index]).padEnd(COLUMN_ENDS[index] ?? LINE_LENGTH),
    '',
  );
