import type { Attribute, Tensor } from './binding.ts';
import { attribute, FLOAT, INT32, type Session } from './session.ts';

const T = attribute('T', 'type', FLOAT);
const index = (name: string): Attribute => attribute(name, 'type', INT32);
const truth = (name: string, value: boolean): Attribute => attribute(name, 'bool', value);

const RESHAPE = [T, index('Tshape')];
const REDUCE = [T, index('Tidx'), truth('keep_dims', false)];
const GATHER = [attribute('Tparams', 'type', FLOAT), index('Tindices'), index('Taxis'), attribute('batch_dims', 'int', 0)];
const SEGMENT_SUM = [T, index('Tindices'), index('Tnumsegments')];
const PAD = [T, index('Tpaddings')];
const SLICE = [T, index('Index')];
const TRANSPOSE = [T, index('Tperm')];
const REVERSE = [T, index('Tidx')];
const REVERSE_SEQUENCE = [T, index('Tlen'), attribute('seq_dim', 'int', 0), attribute('batch_dim', 'int', 1)];
const BIAS = [T, attribute('data_format', 'string', 'NHWC')];

type Unary = 'Square' | 'Sqrt' | 'Relu' | 'Sigmoid' | 'Tanh';
type Binary = 'AddV2' | 'Sub' | 'Mul' | 'RealDiv' | 'Maximum' | 'Minimum' | 'ReluGrad' | 'SigmoidGrad' | 'TanhGrad';

/** TensorFlow's ops as typed calls, under TensorFlow's names, on float32 unless said otherwise. */
export class Ops {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  scalar(value: number): Tensor {
    return this.session.tensor(Float32Array.of(value), []);
  }

  ints(...values: readonly number[]): Tensor {
    return this.session.tensor(Int32Array.from(values), [values.length]);
  }

  zeros(shape: readonly number[]): Tensor {
    return this.session.tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  }

  unary(op: Unary | 'ZerosLike', x: Tensor): Tensor {
    return this.#one(op, [T], [x]);
  }

  binary(op: Binary, a: Tensor, b: Tensor): Tensor {
    return this.#one(op, [T], [a, b]);
  }

  add = (a: Tensor, b: Tensor): Tensor => this.binary('AddV2', a, b);
  subtract = (a: Tensor, b: Tensor): Tensor => this.binary('Sub', a, b);
  multiply = (a: Tensor, b: Tensor): Tensor => this.binary('Mul', a, b);
  divide = (a: Tensor, b: Tensor): Tensor => this.binary('RealDiv', a, b);

  addAll(terms: readonly Tensor[]): Tensor {
    return this.#one('AddN', [T, attribute('N', 'int', terms.length)], terms);
  }

  matMul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    return this.#one('MatMul', [T, truth('transpose_a', transposeA), truth('transpose_b', transposeB)], [a, b]);
  }

  /** Of a and b [n, ., .] for each of the n; where one has n = 1, that one for all. */
  batchMatMul(a: Tensor, b: Tensor, { adjointA = false, adjointB = false } = {}): Tensor {
    return this.#one('BatchMatMulV2', [T, truth('adj_x', adjointA), truth('adj_y', adjointB)], [a, b]);
  }

  biasAdd(x: Tensor, bias: Tensor): Tensor {
    return this.#one('BiasAdd', BIAS, [x, bias]);
  }

  sum(x: Tensor, axes: readonly number[]): Tensor {
    return this.#one('Sum', REDUCE, [x, this.ints(...axes)]);
  }

  sumAll(x: Tensor): Tensor {
    return this.sum(x, [...x.shape.keys()]);
  }

  reshape(x: Tensor, shape: readonly number[]): Tensor {
    return this.#one('Reshape', RESHAPE, [x, this.ints(...shape)]);
  }

  transpose(x: Tensor, permutation: readonly number[]): Tensor {
    return this.#one('Transpose', TRANSPOSE, [x, this.ints(...permutation)]);
  }

  concat(parts: readonly Tensor[], axis: number): Tensor {
    const attributes = [T, index('Tidx'), attribute('N', 'int', parts.length)];
    return this.#one('ConcatV2', attributes, [...parts, this.#int(axis)]);
  }

  /** Tensors of one shape along a new axis. */
  stack(parts: readonly Tensor[], axis: number): Tensor {
    return this.#one('Pack', [T, attribute('N', 'int', parts.length), attribute('axis', 'int', axis)], parts);
  }

  /** The reverse of `stack`. */
  unstack(x: Tensor, axis: number): Tensor[] {
    const count = x.shape[axis] ?? 0;
    return this.session.run('Unpack', [T, attribute('num', 'int', count), attribute('axis', 'int', axis)], [x], count);
  }

  slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
    return this.#one('Slice', SLICE, [x, this.ints(...begin), this.ints(...size)]);
  }

  /** Zeros around `x`: `before` and `after` for each of its dimensions. */
  pad(x: Tensor, paddings: readonly (readonly [before: number, after: number])[]): Tensor {
    const table = this.session.tensor(Int32Array.from(paddings.flat()), [paddings.length, 2]);
    return this.#one('Pad', PAD, [x, table]);
  }

  reverse(x: Tensor, axis: number): Tensor {
    return this.#one('ReverseV2', REVERSE, [x, this.ints(axis)]);
  }

  /** Reverses the first lengths[b] steps of each row b of x [T, B, ...]; later steps stay. */
  reverseSequence(x: Tensor, lengths: Tensor): Tensor {
    return this.#one('ReverseSequence', REVERSE_SEQUENCE, [x, lengths]);
  }

  /** Rows of `table`, shape [...ids, width]. */
  gather(table: Tensor, ids: Tensor): Tensor {
    return this.#one('GatherV2', GATHER, [table, ids, this.#int(0)]);
  }

  /** Sums the rows of `values` [n, width] that share an id; the result is [segments, width]. */
  segmentSum(values: Tensor, ids: Tensor, segments: number): Tensor {
    return this.#one('UnsortedSegmentSum', SEGMENT_SUM, [values, ids, this.#int(segments)]);
  }

  #int(value: number): Tensor {
    return this.session.tensor(Int32Array.of(value), []);
  }

  #one(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor {
    const [result] = this.session.run(op, attributes, inputs, 1);
    if (result === undefined) throw new Error(`TensorFlow op ${op} gave no output: expected 1`);
    return result;
  }
}
