#pragma once
#include "layers/lstm_forward.hpp"

namespace CORE_SET {

/// Gradients fade through time; below this they count as zero, before their squares become denormal.
constexpr f32 negligible = 1e-18f;

/// Gradients of the four sums that went into the gates, and of the cell state before the step.
struct CellGradient {
  Vec dz[4], dc_before;
};

/// The chain rule through one cell: W units of one row. dh, dc: gradients of this step's h and c; z: its gates.
///
///   do = dh tanh(c)          dc += dh o (1 - tanh(c)^2)
///   di = dc g                df = dc c_before             dg = dc i
///   dz_i = di i (1 - i)      dz_f = df f (1 - f)          dz_c = dg (1 - g^2)      dz_o = do o (1 - o)
///   dc_before = dc f
inline __attribute__((always_inline)) CellGradient cell_backward(const f32* z, Vec c_before, Vec tanh_c, Vec dh, Vec dc) {
  const Vec i = load(z), f = load(z + W), g = load(z + 2 * W), o = load(z + 3 * W);
  dc += dh * o * (1 - tanh_c * tanh_c);
  const Vec di = dc * g, df = dc * c_before, dg = dc * i, d_o = dh * tanh_c;
  const auto faded = [](Vec v) { return settle(v, negligible); };
  return {{faded(di * i * (1 - i)), faded(df * f * (1 - f)), faded(dg * (1 - g * g)), faded(d_o * o * (1 - o))}, faded(dc * f)};
}

/// Step `time` for W units and all rows. `dy`: gradient of this step's output [b, H], or null where it has none.
/// Afterwards dh holds what a padded step hands on unchanged, and 0 elsewhere.
inline void lstm_units_backward(const LstmTrace& t, const LstmRows& rows, u64 time, u64 unit, const Matrix* dy, f32* bias_gradient) {
  const u64 b = rows.count, now = Walk::slot(time) * b, before = t.walk.slot_before(time) * b, first = time * b;
  Vec bias[4];
  for (u32 j = 0; j < 4; j++) bias[j] = load(bias_gradient + j * W);
  for (u64 r = 0; r < b; r++) {
    f32 *z = t.z.at(first + r) + 4 * unit, *dc = t.dc.at(r) + unit, *dh = t.dh.at(r) + unit;
    Vec total = load(dh);
    if (dy) total += load(dy->at(r) + unit);
    if (!rows.keeps_step(first + r)) {
      for (u32 j = 0; j < 4; j++) store(z + j * W, Vec{});
      store(dh, total);
      continue;
    }
    const CellGradient d = cell_backward(z, load(t.c.at(before + r) + unit), load(t.tanh_c.at(now + r) + unit), total, load(dc));
    for (u32 j = 0; j < 4; j++) store(z + j * W, d.dz[j]), bias[j] += d.dz[j];
    store(dc, d.dc_before), store(dh, Vec{});
  }
  for (u32 j = 0; j < 4; j++) store(bias_gradient + j * W, bias[j]);
}

/// Where the gradient comes from and goes to.
struct LstmFlow {
  Matrix dy;              // [T b, H] of the outputs, where the layer returns its sequence; else of the last output, [b, H]
  bool returns_sequences;
  Matrix dx;              // [T b, D] of the inputs is added to this; empty where nobody asks
};

/// The steps [from, to) backwards: dz (in z) and what flows out of step `from`.
inline void lstm_steps_backward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, const LstmFlow& flow, u64 from, u64 to) {
  const u64 b = rows.count;
  f32* bias_gradient = t.gradient.at(w.inputs + w.units);
  for (u64 step = to; step-- > from;) {
    const u64 time = t.walk.time(step);
    const Matrix dy = flow.returns_sequences ? flow.dy.from(time * b) : flow.dy;
    const bool has_output = flow.returns_sequences || step == t.walk.steps - 1;
    for (u64 unit = 0; unit < w.units; unit += W) {
      lstm_units_backward(t, rows, time, unit, has_output ? &dy : nullptr, bias_gradient + 4 * unit);
    }
    if (step == 0) return;
    // dh += dz R^T
    const Matrix dz = t.z.from(time * b);
    const GateMasks& masks = rows.masks.recurrent;
    if (masks.first) add_masked_gate_products(t.dh, dz, w.recurrent_transposed, masks, 1, b);
    else multiply(t.dh.rows(), t.dh.rows(), dz.left(), w.recurrent_transposed, b);
  }
}

/// dx += dz K^T, times the dropout masks, for so many steps.
inline void lstm_inputs_backward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, Matrix dx, Matrix dz, u64 steps) {
  const u64 b = rows.count, n = steps * b;
  const Masks& masks = rows.masks;
  if (masks.input_gates.first) return add_masked_gate_products(dx, dz, w.kernel_transposed, masks.input_gates, steps, b);
  if (!masks.input) return multiply(dx.rows(), dx.rows(), dz.left(), w.kernel_transposed, n);
  clear(t.dx_masked, n);
  multiply(t.dx_masked.rows(), t.dx_masked.rows(), dz.left(), w.kernel_transposed, n);
  mask_steps(t.dx_masked, t.dx_masked, masks.input, steps, b);
  add(dx, t.dx_masked, n);
}

/// dW += a^T dz for so many steps, with `a` times the masks of each gate, where there are some, in `masked`.
inline void add_weight_gradient(Matrix gradient, Matrix a, const GateMatrices& masked, const GateMasks& masks, Matrix dz, u64 steps, u64 b) {
  if (!masks.first) return add_transposed_product(gradient.rows(), a.rows(), a.columns, dz.rows(), dz.columns, steps * b);
  mask_gates(masked, a, masks, steps, b);
  add_transposed_gate_product(gradient.rows(), masked, dz.rows(), dz.columns, steps * b);
}

/// From the gradient of the outputs to those of the weights (t.gradient) and of the inputs.
inline void lstm_backward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, const LstmFlow& flow) {
  const u64 b = rows.count, chunk = steps_at_once(b);
  clear(t.dc, b), clear(t.dh, b), clear(t.gradient, w.inputs + w.units + 1);
  for (u64 to = t.walk.steps; to > 0;) {
    const u64 from = to > chunk ? to - chunk : 0, time = t.walk.first_time(from, to), steps = to - from;
    lstm_steps_backward(w, t, rows, flow, from, to);
    // dK += x^T dz [D, 4 Hw]        dR += h_before^T dz [H, 4 Hw]
    const Matrix dz = t.z.from(time * b), h_before = t.h.from(t.walk.slot_before(time) * b);
    add_weight_gradient(t.gradient, t.x.from(time * b), t.x_gates, rows.masks.input_gates, dz, steps, b);
    add_weight_gradient(t.gradient.from(w.inputs), h_before, t.h_gates, rows.masks.recurrent, dz, steps, b);
    if (flow.dx.data) lstm_inputs_backward(w, t, rows, flow.dx.from(time * b), dz, steps);
    to = from;
  }
}

}  // namespace CORE_SET
