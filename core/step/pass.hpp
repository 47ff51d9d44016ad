#pragma once
#include "layers/embedding.hpp"
#include "layers/loss.hpp"
#include "step/layer.hpp"

// A block's way through the model and back.
namespace CORE_SET {

/// Brings the rows of the batch [b, T] into the block's order [T, b]. A token outside the vocabulary is read as 0.
inline void take_tokens(const Model& m, Block& block, u64 b) {
  const u64 T = m.plan.timesteps;
  for (u64 r = 0; r < b; r++)
    for (u64 t = 0; t < T; t++) {
      const i32 token = m.ports.tokens[(block.first + r) * T + t];
      const bool known = (u32)token < m.plan.vocabulary;
      block.bad_token |= !known;
      block.tokens[t * b + r] = known ? token : 0;
      if (block.keeps) block.keeps[t * b + r] = token != 0;
    }
  embed(block.inputs, m.weights.values, block.tokens, T * b);
}

inline void take_numbers(const Model& m, Block& block, u64 b) {
  const u64 T = m.plan.timesteps, F = m.plan.features;
  for (u64 r = 0; r < b; r++) {
    const f32* row = m.ports.numbers + (block.first + r) * T * F;
    block.bad_number |= !all_finite(row, T * F);
    for (u64 t = 0; t < T; t++) __builtin_memcpy(block.inputs.at(t * b + r), row + t * F, F * 4);
  }
}

/// The output layer, activation and loss, row by row. While training the gradient of the mean loss goes to its dz.
inline void head(const Model& m, Block& block, const Call& call, const DenseTrace& t, u64 b) {
  const DensePlan& output = m.plan.output();
  const bool classes = m.plan.loss == Loss::sparse_categorical_crossentropy;
  const u64 units = output.units, target_columns = classes ? 1 : units;
  for (u64 r = 0; r < b; r++) {
    const u64 row = block.first + r;
    f32 *p = m.ports.outputs + row * units, *dz = call.trains() ? t.dz.at(r) : nullptr;
    const f64 log_sum = predict_row(output.activation, t.y.at(r), p, units);
    if (call.mode == Mode::predict) continue;
    const f32* y = m.ports.targets + row * target_columns;
    if (classes && !(y[0] >= 0 && y[0] < (f32)units)) {
      block.bad_target = true;
      continue;
    }
    const f32 weight = call.weighted ? m.ports.sample_weights[row] : 1;
    block.loss += weight * row_loss(m.plan.loss, y, t.y.at(r), p, log_sum, dz, units);
    const f32 share = weight / (f32)call.rows;
    for (u64 j = 0; dz && j < units; j++) dz[j] *= share;
  }
}

/// The inputs of LSTM layer i, as the layers below left them.
inline Matrix inputs_of(const Model& m, const Block& block, u32 i, u64 b) {
  if (i == 0) return block.inputs;
  if (m.plan.lstm[i - 1].directions == 2) return block.joined[i - 1];
  return outputs_of(block.lstm[i - 1][0], true, b);
}

inline void forward_pass(const Model& m, Block& block, const Call& call, u64 b) {
  const Plan& p = m.plan;
  MaskReader masks = masks_of(m, block);
  if (p.has_tokens()) take_tokens(m, block, b);
  else take_numbers(m, block, b);
  Matrix x = block.inputs;
  for (u32 i = 0; i < p.lstm_count; i++) x = layer_forward(m, block, i, x, masks, call.trains(), b);
  for (u32 i = 0; i < p.dense_count; i++) {
    DenseTrace& t = block.dense[i];
    t.x = x;
    if (i == p.dense_count - 1) return dense_project(m.dense[i], t, b), head(m, block, call, t, b);
    dense_forward(m.dense[i], t, b);
    const f32* mask = masks.take(p.dense[i].drops_outputs, p.dense[i].units);
    if (mask && call.trains()) multiply_mask(t.y_masked, t.y, mask, b);
    x = mask && call.trains() ? t.y_masked : t.y;
  }
}

inline void backward_pass(const Model& m, const Block& block, u64 b) {
  const Plan& p = m.plan;
  for (u32 i = p.dense_count; i-- > 0;) {
    const DenseTrace& t = block.dense[i];
    if (i < p.dense_count - 1) {
      MaskReader reader = masks_of(m, block);
      if (const f32* mask = dense_mask(p, reader, i)) multiply_mask(t.dz, t.dz, mask, b);
      dense_activation_backward(m.dense[i], t, b);
    }
    dense_backward(m.dense[i], t, i > 0 ? block.dense[i - 1].dz : block.d_features, b);
  }
  for (u32 i = p.lstm_count; i-- > 0;) {
    MaskReader reader = masks_of(m, block);
    skip_lstm_masks(p, reader, i);
    layer_backward(m, block, i, inputs_of(m, block, i, b), i == p.lstm_count - 1 ? block.d_features : block.d_inputs[i + 1], reader, b);
  }
}

}  // namespace CORE_SET
