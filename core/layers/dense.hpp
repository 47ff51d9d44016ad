#pragma once
#include "numbers/functions.hpp"
#include "numbers/matrix.hpp"
#include "plan.hpp"

namespace CORE_SET {

/// y = activation(x K + b), kernel [D, U]
struct DenseWeights {
  u64 inputs, units;
  Activation activation;
  const f32 *kernel, *bias;
  f32* padded_bias;         // [Uw]
  Panel panel;              // [D, Uw]
  Panel transposed;         // [U, Dw]
};

/// For a block of b rows.
struct DenseTrace {
  Matrix x;         // [b, D]
  Matrix y;         // [b, U] after the activation; of the output layer: before it
  Matrix y_masked;  // [b, U] times the dropout mask; y itself without dropout
  Matrix dz;        // [b, U] gradient of y_masked, then of x K + b
  Matrix gradient;  // [D + 1, U] of kernel and bias
};

inline DenseWeights take_dense_weights(Arena& arena, const DensePlan& p) {
  DenseWeights w{p.inputs, p.units, p.activation, nullptr, nullptr, nullptr, {}, {}};
  w.padded_bias = arena.take<f32>(multiple_up(p.units, W));
  w.panel = take_panel(arena, p.inputs, p.units);
  w.transposed = take_panel(arena, p.units, p.inputs);
  return w;
}

inline DenseTrace take_dense_trace(Arena& arena, const DensePlan& p, u64 rows) {
  DenseTrace t{};
  t.y = take_matrix(arena, rows, p.units);
  t.y_masked = p.drops_outputs ? take_matrix(arena, rows, p.units) : t.y;
  t.dz = take_matrix(arena, rows, p.units);
  t.gradient = take_matrix(arena, p.inputs + 1, p.units);
  return t;
}

inline void pack_dense(const DenseWeights& w) {
  const auto real = [&](u64 k, u64 n) { return n < w.units ? w.kernel[k * w.units + n] : 0.f; };
  pack({w.padded_bias, 1, w.panel.width}, [&](u64, u64 n) { return n < w.units ? w.bias[n] : 0.f; });
  pack(w.panel, real);
  pack(w.transposed, [&](u64 k, u64 n) { return n < w.inputs ? real(n, k) : 0.f; });
}

inline Vec activate(Activation activation, Vec z) {
  switch (activation) {
    case Activation::relu: return z < 0 ? Vec{} : z;
    case Activation::sigmoid: return sigmoid(z);
    case Activation::tanh: return tanh(z);
    default: return z;
  }
}

/// The derivative of the activation, from its value.
inline Vec slope(Activation activation, Vec y) {
  switch (activation) {
    case Activation::relu: return y > 0 ? spread(1) : Vec{};
    case Activation::sigmoid: return y * (1 - y);
    case Activation::tanh: return 1 - y * y;
    default: return spread(1);
  }
}

/// y = x K + b
inline void dense_project(const DenseWeights& w, const DenseTrace& t, u64 rows) {
  multiply(t.y.rows(), {w.padded_bias, 0}, t.x.left(), w.panel, rows);
}

inline void dense_forward(const DenseWeights& w, const DenseTrace& t, u64 rows) {
  dense_project(w, t, rows);
  for (u64 r = 0; r < rows; r++)
    for (u64 j = 0; j < w.units; j += W) store(t.y.at(r) + j, activate(w.activation, load(t.y.at(r) + j)));
}

/// dz = dy * activation'(z)
inline void dense_activation_backward(const DenseWeights& w, const DenseTrace& t, u64 rows) {
  for (u64 r = 0; r < rows; r++)
    for (u64 j = 0; j < w.units; j += W) store(t.dz.at(r) + j, load(t.dz.at(r) + j) * slope(w.activation, load(t.y.at(r) + j)));
}

/// dK = x^T dz, db = sum of dz, dx = dz K^T
inline void dense_backward(const DenseWeights& w, const DenseTrace& t, Matrix dx, u64 rows) {
  clear(t.gradient, w.inputs + 1);
  add_transposed_product(t.gradient.rows(), t.x.rows(), w.inputs, t.dz.rows(), t.dz.width(), rows);
  add_column_sums(t.gradient.at(w.inputs), t.dz, rows);
  clear(dx, rows);
  multiply(dx.rows(), dx.rows(), t.dz.left(), w.transposed, rows);
}

}  // namespace CORE_SET
