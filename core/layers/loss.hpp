#pragma once
#include "numbers/functions.hpp"
#include "numbers/matrix.hpp"
#include "plan.hpp"

// Losses as Keras computes them, from logits where there are some. One row; y: target, z: output before the activation.
namespace CORE_SET {

inline f32 absolute(f32 x) { return x < 0 ? -x : x; }

/// p = 1 / (1 + e^-z) of U outputs; loss = mean of max(z, 0) - z y + log(1 + e^-|z|); dz = (p - y) / U
inline f64 binary_crossentropy(const f32* y, const f32* z, const f32* p, f32* dz, u64 units) {
  f64 loss = 0;
  for (u64 j = 0; j < units; j++) {
    loss += (z[j] < 0 ? 0 : z[j]) - z[j] * y[j] + log_1_plus(exp(-absolute(z[j])));
    if (dz) dz[j] = (p[j] - y[j]) / (f32)units;
  }
  return loss / (f64)units;
}

/// p = softmax(z); loss = log(sum e^z) - z[y]; dz = p - onehot(y). `log_sum` is log(sum e^z).
inline f64 crossentropy(u64 y, const f32* z, const f32* p, f64 log_sum, f32* dz, u64 units) {
  if (dz)
    for (u64 j = 0; j < units; j++) dz[j] = p[j] - (j == y ? 1.f : 0.f);
  return log_sum - z[y];
}

/// One output's loss and its derivative by e = z - y.
struct ErrorLoss {
  f32 loss, slope;
};

inline ErrorLoss error_loss(Loss kind, f32 e) {
  const f32 size = absolute(e), sign = e > 0 ? 1.f : e < 0 ? -1.f : e;  // NaN stays NaN
  switch (kind) {
    case Loss::mean_squared_error: return {e * e, 2 * e};
    case Loss::mean_absolute_error: return {size, sign};
    default: return size > 1 ? ErrorLoss{size - 0.5f, sign} : ErrorLoss{0.5f * e * e, e};  // huber, delta 1
  }
}

inline f64 mean_error_loss(Loss kind, const f32* y, const f32* z, f32* dz, u64 units) {
  f64 loss = 0;
  for (u64 j = 0; j < units; j++) {
    const ErrorLoss at = error_loss(kind, z[j] - y[j]);
    loss += at.loss;
    if (dz) dz[j] = at.slope / (f32)units;
  }
  return loss / (f64)units;
}

/// p = e^(z - max) / sum; returns log(sum e^z)
inline f64 softmax(const f32* z, f32* p, u64 units) {
  f32 max = z[0];
  f64 total = 0;
  for (u64 j = 1; j < units; j++) max = z[j] > max ? z[j] : max;
  for (u64 j = 0; j < units; j++) total += p[j] = exp(z[j] - max);
  for (u64 j = 0; j < units; j++) p[j] = (f32)(p[j] / total);
  return max + (total == 1 ? 0 : (f64)log((f32)total));
}

/// The output activation of one row: p from z. Returns what only softmax knows, log(sum e^z).
inline f64 predict_row(Activation activation, const f32* z, f32* p, u64 units) {
  if (activation == Activation::softmax) return softmax(z, p, units);
  for (u64 j = 0; j < units; j++) p[j] = activation == Activation::sigmoid ? 1 / (1 + exp(-z[j])) : z[j];
  return 0;
}

/// The loss of one row; dz, where asked for, gets its gradient.
inline f64 row_loss(Loss kind, const f32* y, const f32* z, const f32* p, f64 log_sum, f32* dz, u64 units) {
  switch (kind) {
    case Loss::binary_crossentropy: return binary_crossentropy(y, z, p, dz, units);
    case Loss::sparse_categorical_crossentropy: return crossentropy((u64)y[0], z, p, log_sum, dz, units);
    default: return mean_error_loss(kind, y, z, dz, units);
  }
}

}  // namespace CORE_SET
