import type { OptimizerSpec } from '../../contract/optimizer.ts';
import type { Tensor } from './binding.ts';
import { dense, type Gradient, total } from './gradient.ts';
import type { Ops } from './ops.ts';

type Clipping = Pick<OptimizerSpec, 'clipnorm' | 'clipvalue' | 'global_clipnorm'>;

/**
 * Gradients clipped as Keras' optimizers do. Norms count every occurrence of an embedding's row on its own, and
 * global_clipnorm makes all gradients dense. Source: keras/src/optimizers/base_optimizer.py, _clip_gradients (and measured).
 */
export function clip(ops: Ops, clipping: Clipping, gradients: readonly Gradient[]): readonly Gradient[] {
  const { clipnorm, clipvalue, global_clipnorm: globalClipnorm } = clipping;
  if (clipnorm !== null) return gradients.map((gradient) => clipNorm(ops, gradient, ops.scalar(clipnorm)));
  if (globalClipnorm !== null) return clipGlobalNorm(ops, gradients, globalClipnorm);
  if (clipvalue !== null) return gradients.map((gradient) => clipValue(ops, gradient, ops.scalar(clipvalue), ops.scalar(-clipvalue)));
  return gradients;
}

const sumOfSquares = (ops: Ops, { values }: Gradient): Tensor => ops.sumAll(ops.unary('Square', values));

function clipNorm(ops: Ops, gradient: Gradient, limit: Tensor): Gradient {
  const norm = ops.unary('Sqrt', sumOfSquares(ops, gradient));
  return { ...gradient, values: ops.divide(ops.multiply(gradient.values, limit), ops.binary('Maximum', norm, limit)) };
}

function clipValue(ops: Ops, gradient: Gradient, high: Tensor, low: Tensor): Gradient {
  return { ...gradient, values: ops.binary('Maximum', ops.binary('Minimum', gradient.values, high), low) };
}

function clipGlobalNorm(ops: Ops, gradients: readonly Gradient[], limit: number): Gradient[] {
  const norm = ops.unary('Sqrt', ops.addAll(gradients.map((gradient) => sumOfSquares(ops, gradient))));
  const smaller = ops.binary('Minimum', ops.divide(ops.scalar(1), norm), ops.scalar(1 / limit));
  // Zero, unless the norm is infinite or no number: then the update must be no number either.
  const finite = ops.subtract(norm, norm);
  const scale = ops.add(ops.multiply(ops.scalar(limit), smaller), finite);
  return gradients.map((gradient) => dense(ops.multiply(total(ops, gradient), scale)));
}
