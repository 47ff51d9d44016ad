import type { NamedArray } from '../../contract/arrays.ts';
import type { OptimizerSpec } from '../../contract/optimizer.ts';
import type { Plan } from '../../plan/plan.ts';
import { checkInputSize, checkSizes } from '../../training/batch-sizes.ts';
import { checkInputs, checkRange } from '../../training/data-range.ts';
import type { Batch, BatchResult, Trainable, TrainingStep } from '../../training/engine.ts';
import { type Judge, judgeOf } from './losses.ts';
import type { RunLstm } from './lstm-cell.ts';
import { NamedTensors } from './named-tensors.ts';
import { buildNetwork, type Network } from './network.ts';
import type { Ops } from './ops.ts';
import { Optimizer } from './optimizers/optimizer.ts';
import { OUTPUT_ACTIVATIONS } from './output-activation.ts';

/** A plan with its weights and optimizer in TensorFlow's memory. Weights are zeros until they are set. */
export class Model implements Trainable {
  readonly #ops: Ops;
  readonly #plan: Plan;
  readonly #weights: NamedTensors;
  readonly #network: Network;
  readonly #judge: Judge;
  readonly #optimizer: Optimizer;

  constructor(ops: Ops, plan: Plan, optimizer: OptimizerSpec, fused: RunLstm) {
    this.#ops = ops;
    this.#plan = plan;
    this.#judge = judgeOf(plan.loss, plan.output);
    this.#weights = new NamedTensors(ops.session, plan.weights);
    this.#network = buildNetwork(ops, plan, this.#weights, fused);
    this.#optimizer = new Optimizer(ops, optimizer, plan.weights, this.#weights);
  }

  trainBatch(batch: Batch, step: TrainingStep): BatchResult {
    this.#check(batch);
    const { session } = this.#ops;
    return session.tidy(() => {
      const { logits, backward } = this.#network(batch.inputs, batch.rows, step.dropoutMasks);
      const { loss, outputs, gradient } = this.#judge(session.read(logits), batch);
      this.#optimizer.apply(backward(session.tensor(gradient, logits.shape)), step);
      return { loss, outputs };
    });
  }

  evaluateBatch(batch: Batch): BatchResult {
    this.#check(batch);
    const { loss, outputs } = this.#judge(this.#logits(batch.inputs, batch.rows), batch);
    return { loss, outputs };
  }

  predict(inputs: Int32Array | Float32Array, rows: number): Float32Array {
    checkInputSize(this.#plan, inputs, rows);
    checkInputs(this.#plan, inputs, 'the inputs');
    const { activation, units } = this.#plan.output;
    return OUTPUT_ACTIVATIONS[activation](this.#logits(inputs, rows), units);
  }

  getWeights(): NamedArray[] {
    return this.#weights.toArrays();
  }

  setWeights(weights: readonly NamedArray[]): void {
    this.#weights.fromArrays(weights);
  }

  getOptimizerState(): NamedArray[] {
    return this.#optimizer.getState();
  }

  setOptimizerState(state: readonly NamedArray[]): void {
    this.#optimizer.setState(state);
  }

  dispose(): void {
    this.#weights.dispose();
    this.#optimizer.dispose();
  }

  #check(batch: Batch): void {
    checkSizes(this.#plan, batch);
    checkRange(this.#plan, batch, 'the batch');
  }

  #logits(inputs: Int32Array | Float32Array, rows: number): Float32Array {
    const { session } = this.#ops;
    return session.tidy(() => session.read(this.#network(inputs, rows, null).logits));
  }
}
