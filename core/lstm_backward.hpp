#pragma once
#include "lstm_forward.hpp"

namespace CORE_SET {

/// The chain rule through one cell, W units of one row. In: dh, dc = gradients of this step's h and c. Out: z holds the
/// gradients of the four sums that went into the gates; returned is the gradient of c_before.
///
///   do = dh tanh(c)          dc += dh o (1 - tanh(c)^2)
///   di = dc g                df = dc c_before             dg = dc i
///   dz_i = di i (1 - i)      dz_f = df f (1 - f)          dz_c = dg (1 - g^2)      dz_o = do o (1 - o)
///   dc_before = dc f
/// Gradients fade through time; below `negligible` they count as zero, before their squares become denormal.
constexpr f32 negligible = 1e-18f;

struct CellGradient {
  Vec dz[4], dc_before;
};

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

/// dh += dz R^T, through the recurrent dropout mask where there is one
inline void lstm_step_back(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, u64 time) {
  const u64 b = rows.count;
  const Left dz = t.z.from(time * b).left();
  if (!rows.recurrent_mask) return multiply(t.dh.rows(), t.dh.rows(), dz, w.recurrent_transposed, b);
  clear(t.dh_masked, b);
  multiply(t.dh_masked.rows(), t.dh_masked.rows(), dz, w.recurrent_transposed, b);
  multiply_mask(t.dh_masked, t.dh_masked, rows.recurrent_mask, b);
  for (u64 r = 0; r < b; r++)
    for (u64 j = 0; j < t.dh.width(); j += W) store(t.dh.at(r) + j, load(t.dh.at(r) + j) + load(t.dh_masked.at(r) + j));
}

/// From the gradient of the outputs to dz (in z) and the gradients of the weights. `dy` is [T b, H] where the layer returns
/// its sequence, else the gradient of its last output, [b, H].
inline void lstm_backward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, Matrix dy, bool returns_sequences) {
  const u64 b = rows.count, T = t.walk.steps;
  clear(t.dc, b), clear(t.dh, b), clear(t.gradient, w.inputs + w.units + 1);
  for (u64 step = T; step-- > 0;) {
    const u64 time = t.walk.time(step);
    const Matrix dy_now = returns_sequences ? dy.from(time * b) : dy;
    const bool has_output = returns_sequences || step == T - 1;
    for (u64 unit = 0; unit < w.units; unit += W) {
      lstm_units_backward(t, rows, time, unit, has_output ? &dy_now : nullptr, t.gradient.at(w.inputs + w.units) + 4 * unit);
    }
    if (step > 0) lstm_step_back(w, t, rows, time);
  }
  // dK = x^T dz [D, 4 Hw] and dR = h_before^T dz [H, 4 Hw], over all steps and rows at once
  const u64 gates = w.gate_width();
  const Matrix before = t.h_masked.from(t.walk.slot_before_all() * b);
  add_transposed_product(t.gradient.rows(), t.x.rows(), w.inputs, t.z.rows(), gates, T * b);
  add_transposed_product(t.gradient.from(w.inputs).rows(), before.rows(), w.units, t.z.rows(), gates, T * b);
}

}  // namespace CORE_SET
