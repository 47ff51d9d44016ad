import type { NamedArray } from '../../contract/arrays.ts';
import { elements } from '../../plan/plan.ts';
import type { Tensor } from './binding.ts';
import type { Session } from './session.ts';

export interface TensorName {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Tensors that outlive a batch, in a fixed order: the weights of a model, or one kind of optimizer slot. */
export class NamedTensors {
  readonly #session: Session;
  readonly #names: readonly TensorName[];
  #tensors: Tensor[];

  constructor(session: Session, names: readonly TensorName[], fill = 0) {
    this.#session = session;
    this.#names = names;
    this.#tensors = names.map(({ shape }) => session.keep(session.tensor(new Float32Array(elements(shape)).fill(fill), shape)));
  }

  at(index: number): Tensor {
    const tensor = this.#tensors[index];
    if (tensor === undefined) throw new RangeError(`tensor ${index}: expected an index below ${this.#tensors.length}`);
    return tensor;
  }

  replace(index: number, tensor: Tensor): void {
    const before = this.at(index);
    this.#tensors[index] = this.#session.keep(tensor);
    this.#session.free(before);
  }

  toArrays(): NamedArray[] {
    return this.#names.map(({ name, shape }, index) => ({ name, shape, data: this.#session.read(this.at(index)) }));
  }

  /** Throws RangeError, and changes nothing, when a name, its place, a shape or a length is another than this holds. */
  fromArrays(arrays: readonly NamedArray[]): void {
    if (arrays.length !== this.#names.length) throw new RangeError(`${arrays.length} arrays: expected ${this.#names.length}`);
    for (const [index, expected] of this.#names.entries()) checkArray(arrays[index], expected);
    for (const [index, { data, shape }] of arrays.entries()) this.replace(index, this.#session.tensor(data, shape));
  }

  dispose(): void {
    for (const tensor of this.#tensors) this.#session.free(tensor);
    this.#tensors = [];
  }
}

function checkArray(given: NamedArray | undefined, expected: TensorName): void {
  const text = ({ name, shape }: TensorName): string => `${name} [${shape.join(', ')}]`;
  if (given === undefined || text(given) !== text(expected)) {
    throw new RangeError(`array ${given ? text(given) : 'missing'}: expected ${text(expected)}`);
  }
  if (given.data.length !== elements(expected.shape)) {
    throw new RangeError(`array ${text(given)} holds ${given.data.length} numbers: expected ${elements(expected.shape)}`);
  }
}
