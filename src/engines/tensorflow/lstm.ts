import type { LstmPlan } from '../../plan/plan.ts';
import type { Tensor } from './binding.ts';
import { dense } from './gradient.ts';
import { type Context, drop, type Layer, type Pass } from './layer.ts';
import type { RunLstm } from './lstm-cell.ts';
import { runStepwiseLstm } from './lstm-stepwise.ts';
import { lastStep, reversed } from './sequence.ts';

type Direction = 'forward' | 'backward';

/** Weights of one direction: kernel, recurrent kernel, bias. */
const WEIGHTS = 3;

/** x [T, B, F] to [T, B, n], or to [B, n] when it returns its last step only. `fused` is the op that serves it where it can. */
export function lstmLayer(plan: LstmPlan, index: number, first: number, fused: RunLstm): Layer {
  const forward = oneDirection('forward', plan, index, first, fused);
  if (!plan.bidirectional) return forward;
  return concatenated(forward, oneDirection('backward', plan, index, first + WEIGHTS, fused), plan.units);
}

/** The backward direction sees each row's steps from the last to the first, and gives its outputs in the order of the input. */
function oneDirection(direction: Direction, { returnSequences }: LstmPlan, index: number, first: number, fused: RunLstm): Layer {
  return ({ ops, sequence, weight, mask }, x) => {
    const turn = (tensor: Tensor): Tensor => (direction === 'backward' ? reversed(ops, tensor, sequence) : tensor);
    const inputMask = mask({ layer: 'lstm', index, on: 'input', direction });
    const recurrentMask = mask({ layer: 'lstm', index, on: 'recurrent', direction });
    // With recurrent dropout the masks of the inputs, too, are the gates' own: they are not multiplied in here.
    const dropped = drop(ops, x, recurrentMask === null ? inputMask : null);
    const run = recurrentMask === null ? fused : runStepwiseLstm({ input: inputMask, recurrent: recurrentMask });
    const weights = { kernel: weight(first), recurrent: weight(first + 1), bias: weight(first + 2) };
    const lstm = run(ops, turn(dropped.output), sequence, weights);
    const { output, spread } = returnSequences ? { output: turn(lstm.output), spread: turn } : lastStep(ops, lstm.output, sequence);
    return {
      output,
      backward: (gradient) => {
        const { input, kernel, recurrent, bias } = lstm.backward(spread(gradient));
        return { input: dropped.backward(turn(input)), weights: [kernel, recurrent, bias].map(dense) };
      },
    };
  };
}

/** Keras' merge_mode "concat". */
function concatenated(forward: Layer, backward: Layer, units: number): Layer {
  return (context: Context, x: Tensor): Pass => {
    const { ops } = context;
    const passes = [forward(context, x), backward(context, x)] as const;
    return {
      output: ops.concat(
        passes.map(({ output }) => output),
        passes[0].output.shape.length - 1,
      ),
      backward: (gradient) => {
        const leading = gradient.shape.slice(0, -1);
        const half = (at: number): Tensor => ops.slice(gradient, [...leading.map(() => 0), at], [...leading, units]);
        const left = passes[0].backward(half(0));
        const right = passes[1].backward(half(units));
        const input = left.input && right.input && ops.add(left.input, right.input);
        return { input, weights: [...left.weights, ...right.weights] };
      },
    };
  };
}
