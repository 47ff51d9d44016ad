import type { Rows } from '../contract/arrays.ts';
import type { DataShape, InputShape } from '../contract/data-shape.ts';
import { DatasetCorrupt } from '../contract/errors.ts';
import type { Dataset } from './dataset.ts';

/** Throws DatasetCorrupt when the rows are not those that `shape` describes: what was planned over it would not fit them. */
export function checkShape({ train, validation, origin }: Dataset, shape: DataShape): void {
  for (const [part, rows, count] of [
    ['training', train, shape.trainRows],
    ['validation', validation, shape.validationRows],
  ] as const) {
    const found = textOf(rows);
    const expected = expectedText(count, shape);
    if (found !== expected)
      throw new DatasetCorrupt(`${origin}: ${part} data of ${found}: expected ${expected}, as when the job was accepted`);
  }
}

const textOf = ({ rows, inputs, targets }: Rows): string =>
  text(rows, inputs.length / rows, inputs instanceof Int32Array ? 'token ids' : 'numbers', targets.length / rows);

const expectedText = (rows: number, { input, targetSize }: DataShape): string =>
  text(rows, sizeOf(input), input.kind === 'tokens' ? 'token ids' : 'numbers', targetSize);

const sizeOf = (input: InputShape): number => input.timesteps * (input.kind === 'tokens' ? 1 : input.features);

const text = (rows: number, inputSize: number, kind: string, targetSize: number): string =>
  `${rows} rows, each of ${inputSize} ${kind} and ${targetSize} ${targetSize === 1 ? 'target' : 'targets'}`;
