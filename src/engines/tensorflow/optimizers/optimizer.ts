import type { NamedArray } from '../../../contract/arrays.ts';
import { type OptimizerSpec, slotNames } from '../../../contract/optimizer.ts';
import type { WeightPlan } from '../../../plan/plan.ts';
import type { TrainingStep } from '../../../training/engine.ts';
import type { Tensor } from '../binding.ts';
import { clip } from '../clipping.ts';
import type { Gradient } from '../gradient.ts';
import { NamedTensors } from '../named-tensors.ts';
import type { Ops } from '../ops.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { nadam } from './nadam.ts';
import { rmsprop } from './rmsprop.ts';
import type { Rule } from './rule.ts';
import { sgd } from './sgd.ts';

/** One of Keras' optimizers, with what it remembers of the weights. */
export class Optimizer {
  readonly #ops: Ops;
  readonly #spec: OptimizerSpec;
  readonly #weights: NamedTensors;
  readonly #rule: Rule;
  readonly #slotNames: readonly string[];
  readonly #slots: NamedTensors;

  constructor(ops: Ops, spec: OptimizerSpec, plan: readonly WeightPlan[], weights: NamedTensors) {
    this.#ops = ops;
    this.#spec = spec;
    this.#weights = weights;
    this.#rule = ruleOf(spec);
    this.#slotNames = slotNames(spec);
    const names = plan.flatMap(({ name, shape }) => this.#slotNames.map((slot) => ({ name: `${name}:${slot}`, shape })));
    this.#slots = new NamedTensors(ops.session, names, this.#rule.initialValue);
  }

  /** Moves every weight: clips, decays, updates, in Keras' order. Gradients lie in the order of the weights. */
  apply(gradients: readonly Gradient[], step: Pick<TrainingStep, 'iteration' | 'learningRate'>): void {
    const clipped = clip(this.#ops, this.#spec, gradients);
    const update = this.#rule.prepare(this.#ops, step);
    for (const [index, gradient] of clipped.entries()) {
      const { weight, slots } = update(gradient, this.#decayed(index, step.learningRate), (name) =>
        this.#slots.at(this.#slotIndex(index, name)),
      );
      this.#weights.replace(index, weight);
      for (const [name, tensor] of Object.entries(slots)) this.#slots.replace(this.#slotIndex(index, name), tensor);
    }
  }

  getState(): NamedArray[] {
    return this.#slots.toArrays();
  }

  setState(state: readonly NamedArray[]): void {
    this.#slots.fromArrays(state);
  }

  dispose(): void {
    this.#slots.dispose();
  }

  #slotIndex(weight: number, name: string): number {
    return weight * this.#slotNames.length + this.#slotNames.indexOf(name);
  }

  #decayed(index: number, learningRate: number): Tensor {
    const { weight_decay: decay } = this.#spec;
    const weight = this.#weights.at(index);
    if (decay === null) return weight;
    const shrink = this.#ops.multiply(this.#ops.multiply(weight, this.#ops.scalar(decay)), this.#ops.scalar(learningRate));
    return this.#ops.subtract(weight, shrink);
  }
}

function ruleOf(spec: OptimizerSpec): Rule {
  switch (spec.type) {
    case 'rmsprop':
      return rmsprop(spec);
    case 'adam':
    case 'adamw':
      return adam(spec);
    case 'nadam':
      return nadam(spec);
    case 'sgd':
      return sgd(spec);
    case 'adagrad':
      return adagrad(spec);
  }
}
