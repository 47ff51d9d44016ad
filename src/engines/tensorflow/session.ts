import type { Attribute, AttributeValue, Binding, Tensor } from './binding.ts';

/** TF_DataType. Source: tensorflow/c/tf_datatype.h */
export const FLOAT = 1;
export const INT32 = 3;
export const INT64 = 9;

/** TF_AttrType. Source: tensorflow/c/tf_attrtype.h */
const ATTRIBUTE_TYPES = { string: 0, int: 1, float: 2, bool: 3, type: 4 } as const;

export const attribute = (name: string, type: keyof typeof ATTRIBUTE_TYPES, value: AttributeValue): Attribute => ({
  name,
  type: ATTRIBUTE_TYPES[type],
  value,
});

/** The lifetime of tensors: whatever is made inside `tidy` ends with it, unless it is kept. */
export class Session {
  readonly #binding: Binding;
  #scope: Set<number> | null = null;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** Runs one TensorFlow op. Throws Error, with the op's name, when TensorFlow refuses it. */
  run(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[], outputs: number): Tensor[] {
    try {
      const results = this.#binding.executeOp(
        op,
        attributes,
        inputs.map(({ id }) => id),
        outputs,
      );
      for (const { id } of results) this.#scope?.add(id);
      return results;
    } catch (cause) {
      const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
      throw new Error(`TensorFlow op ${op}(${shapes}): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /** A tensor over a copy of `data`: TensorFlow may go on using its memory, even write to it, after this call. */
  tensor(data: Float32Array | Int32Array, shape: readonly number[]): Tensor {
    return this.#create(shape, data instanceof Float32Array ? FLOAT : INT32, data.slice());
  }

  int64(value: number): Tensor {
    return this.#create([], INT64, Int32Array.of(value, Math.floor(value / 2 ** 32)));
  }

  read(tensor: Tensor): Float32Array {
    return this.#binding.tensorDataSync(tensor.id);
  }

  /** Runs `body` and deletes every tensor made in it that was not kept, also when it throws. */
  tidy<T>(body: () => T): T {
    const outer = this.#scope;
    const scope = new Set<number>();
    this.#scope = scope;
    try {
      return body();
    } finally {
      for (const id of scope) this.#binding.deleteTensor(id);
      this.#scope = outer;
    }
  }

  /** Takes `tensor` out of the running `tidy`: from now on the caller must `free` it. */
  keep(tensor: Tensor): Tensor {
    this.#scope?.delete(tensor.id);
    return tensor;
  }

  free(tensor: Tensor): void {
    this.#binding.deleteTensor(tensor.id);
  }

  #create(shape: readonly number[], dtype: number, data: Float32Array | Int32Array): Tensor {
    const id = this.#binding.createTensor(shape, dtype, data);
    this.#scope?.add(id);
    return { id, shape, dtype };
  }
}
