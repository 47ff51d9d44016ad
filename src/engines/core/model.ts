import type { NamedArray } from '../../contract/arrays.ts';
import { type OptimizerSpec, slotNames } from '../../contract/optimizer.ts';
import { elements, type Plan } from '../../plan/plan.ts';
import { checkInputSize, checkSizes } from '../../training/batch-sizes.ts';
import { checkRange, checkTargets } from '../../training/data-range.ts';
import type { Batch, BatchResult, Trainable, TrainingStep } from '../../training/engine.ts';
import type { Call, Machine } from './machine.ts';
import { WeightArrays } from './weight-arrays.ts';

type Inputs = Int32Array | Float32Array;

/** A plan on a machine: copies batches in and results out. Weights are zeros until they are set. */
export class Model implements Trainable {
  readonly #plan: Plan;
  readonly #machine: Machine;
  readonly #maxRows: number;
  readonly #weights: WeightArrays;
  readonly #slots: WeightArrays;
  readonly #inputs: Inputs;
  readonly #targets: Float32Array;
  readonly #sampleWeights: Float32Array;
  readonly #masks: readonly Float32Array[];
  readonly #outputs: Float32Array;
  readonly #loss: Float64Array;

  constructor(plan: Plan, optimizer: OptimizerSpec, maxRows: number, machine: Machine) {
    const { memory, ports } = machine;
    const numbers = (at: number, length: number): Float32Array => new Float32Array(memory, at, length);
    const { input, output } = plan;
    this.#plan = plan;
    this.#machine = machine;
    this.#maxRows = maxRows;
    this.#weights = new WeightArrays(memory, plan.weights, [{ at: ports.weights, suffix: '' }]);
    this.#slots = new WeightArrays(
      memory,
      plan.weights,
      slotNames(optimizer).map((name, i) => ({ at: ports.slots[i] ?? 0, suffix: `:${name}` })),
    );
    this.#inputs =
      input.kind === 'tokens'
        ? new Int32Array(memory, ports.tokens, maxRows * input.timesteps)
        : numbers(ports.numbers, maxRows * input.timesteps * input.features);
    this.#targets = numbers(ports.targets, maxRows * (output.activation === 'softmax' ? 1 : output.units));
    this.#sampleWeights = numbers(ports.sampleWeights, maxRows);
    this.#masks = maskArrays(plan, maxRows, (offset, length) => numbers(ports.masks + offset, length));
    this.#outputs = numbers(ports.outputs, maxRows * output.units);
    this.#loss = new Float64Array(memory, ports.loss, 1);
  }

  trainBatch(batch: Batch, { learningRate, iteration, dropoutMasks }: TrainingStep): BatchResult {
    if (dropoutMasks.length !== this.#masks.length) {
      throw new RangeError(`${dropoutMasks.length} dropout masks: expected ${this.#masks.length}`);
    }
    for (const [i, mask] of dropoutMasks.entries()) this.#masks[i]?.set(mask);
    return this.#runBatch(batch, { mode: 'train', learningRate, iteration });
  }

  evaluateBatch(batch: Batch): BatchResult {
    return this.#runBatch(batch, { mode: 'evaluate', learningRate: 0, iteration: 0 });
  }

  predict(inputs: Inputs, rows: number): Float32Array {
    checkInputSize(this.#plan, inputs, rows);
    const { units } = this.#plan.output;
    const rowSize = this.#inputs.length / this.#maxRows;
    const predictions = new Float32Array(rows * units);
    for (let from = 0; from < rows; from += this.#maxRows) {
      const count = Math.min(this.#maxRows, rows - from);
      this.#inputs.set(inputs.subarray(from * rowSize, (from + count) * rowSize));
      const outcome = this.#machine.run({ mode: 'predict', rows: count, weighted: false, learningRate: 0, iteration: 0 });
      if (outcome !== 0) throw refusal(this.#plan, { inputs, targets: NO_TARGETS }, 'the inputs', outcome);
      predictions.set(this.#outputs.subarray(0, count * units), from * units);
    }
    return predictions;
  }

  getWeights(): NamedArray[] {
    return this.#weights.read();
  }

  setWeights(weights: readonly NamedArray[]): void {
    this.#weights.write(weights);
  }

  getOptimizerState(): NamedArray[] {
    return this.#slots.read();
  }

  setOptimizerState(state: readonly NamedArray[]): void {
    this.#slots.write(state);
  }

  dispose(): void {
    this.#machine.close();
  }

  #runBatch(batch: Batch, call: Omit<Call, 'rows' | 'weighted'>): BatchResult {
    const { rows, inputs, targets, sampleWeights } = batch;
    if (rows > this.#maxRows) throw new RangeError(`a batch of ${rows} rows: expected at most ${this.#maxRows}`);
    checkSizes(this.#plan, batch);
    checkTargets(this.#plan, targets, 'the batch');
    this.#inputs.set(inputs);
    this.#targets.set(targets);
    if (sampleWeights) this.#sampleWeights.set(sampleWeights);
    const outcome = this.#machine.run({ ...call, rows, weighted: sampleWeights !== null });
    if (outcome !== 0) throw refusal(this.#plan, batch, 'the batch', outcome);
    return { loss: this.#loss[0] ?? Number.NaN, outputs: this.#outputs.subarray(0, rows * this.#plan.output.units) };
  }
}

const NO_TARGETS = new Float32Array(0);

/** The machine looks at every input while it takes them over, and refuses by a number: what was wrong is found in what it was given. */
function refusal(plan: Plan, rows: Pick<Batch, 'inputs' | 'targets'>, data: string, outcome: number): Error {
  try {
    checkRange(plan, rows, data);
  } catch (error) {
    return error as Error;
  }
  return new Error(`the core refused ${data} with ${outcome}, although nothing in it is out of range`);
}

/** One array for each dropout site, one after the other. */
function maskArrays(plan: Plan, maxRows: number, at: (offset: number, length: number) => Float32Array): Float32Array[] {
  let offset = 0;
  return plan.dropoutSites.map(({ width }) => {
    const array = at(offset, elements([maxRows, width]));
    offset += array.byteLength;
    return array;
  });
}
