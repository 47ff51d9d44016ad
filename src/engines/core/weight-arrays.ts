import type { NamedArray } from '../../contract/arrays.ts';
import { elements, type WeightPlan } from '../../plan/plan.ts';

/** Where a set of arrays of the weights' shapes begins, and what sets its names apart. */
interface Part {
  readonly at: number;
  readonly suffix: string;
}

/** Each array begins at a multiple of this many numbers: weight_alignment in core/model/weights.hpp. */
const ALIGNMENT = 16;

/** The weights, or the optimizer's slots, as named views of a machine's memory: all parts of the first weight, then of the next. */
export class WeightArrays {
  readonly #arrays: readonly NamedArray[];

  constructor(memory: ArrayBufferLike, weights: readonly WeightPlan[], parts: readonly Part[]) {
    let offset = 0;
    this.#arrays = weights.flatMap(({ name, shape }) => {
      const size = elements(shape);
      const arrays = parts.map(({ at, suffix }) => ({
        name: name + suffix,
        shape,
        data: new Float32Array(memory, at + offset * Float32Array.BYTES_PER_ELEMENT, size),
      }));
      offset += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
      return arrays;
    });
  }

  read(): NamedArray[] {
    return this.#arrays.map(({ name, shape, data }) => ({ name, shape, data: data.slice() }));
  }

  /** Throws RangeError, and changes nothing, when a name, its place, a shape or a length is another than this holds. */
  write(given: readonly NamedArray[]): void {
    if (given.length !== this.#arrays.length) throw new RangeError(`${given.length} arrays: expected ${this.#arrays.length}`);
    for (const [index, expected] of this.#arrays.entries()) checkArray(given[index], expected);
    for (const [index, { data }] of given.entries()) this.#arrays[index]?.data.set(data);
  }
}

function checkArray(given: NamedArray | undefined, expected: NamedArray): void {
  const text = ({ name, shape, data }: NamedArray): string => `${name} [${shape.join(', ')}] of ${data.length} numbers`;
  if (given === undefined || text(given) !== text(expected)) {
    throw new RangeError(`array ${given ? text(given) : 'missing'}: expected ${text(expected)}`);
  }
}
