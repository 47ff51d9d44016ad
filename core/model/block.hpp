#pragma once
#include "layers/dense.hpp"
#include "layers/lstm_backward.hpp"
#include "plan.hpp"

namespace CORE_SET {

/// A block of rows of the batch, and everything that its way through the model and back leaves behind.
struct Block {
  u64 first, capacity;       // rows of the batch
  i32* tokens;               // [T b], time-major
  uint8_t* keeps;            // [T b], or null without mask_zero
  Matrix inputs;             // [T b, F] of the first LSTM layer
  LstmTrace lstm[max_layers][2];
  Matrix joined[max_layers];     // [T b, 2H] outputs of both directions; or [b, 2H]; empty for one direction
  Matrix split[max_layers][2];   // the gradients of `joined`, by direction
  Matrix d_inputs[max_layers];   // [T b, D] gradient of a layer's inputs
  DenseTrace dense[max_layers + 1];
  Matrix d_features;         // [b, F] gradient of what the first dense layer sees
  f64 loss;
  bool bad_token, bad_target, bad_number;
  /// b, in a batch of `all` rows.
  u64 rows(u64 all) const { return smaller(capacity, all - first); }
};

inline void take_lstm_layer(Arena& arena, Block& block, const Plan& p, const LstmWeights (*weights)[2], u32 i) {
  const LstmPlan& l = p.lstm[i];
  const u64 b = block.capacity, cells = p.timesteps * b, outputs = l.returns_sequences ? cells : b;
  for (u32 d = 0; d < l.directions; d++) {
    block.lstm[i][d] = take_lstm_trace(arena, {p.timesteps, d == 1}, b, weights[i][d], l.drops_inputs, l.drops_recurrent);
    if (l.directions == 2) block.split[i][d] = take_matrix(arena, outputs, l.units);
  }
  if (l.directions == 2) block.joined[i] = take_matrix(arena, outputs, l.outputs());
  if (i > 0 || p.has_tokens()) block.d_inputs[i] = take_matrix(arena, cells, l.inputs);
}

inline Block take_block(Arena& arena, const Plan& p, const LstmWeights (*weights)[2], u64 first, u64 rows) {
  Block block{};
  block.first = first, block.capacity = rows;
  const u64 cells = p.timesteps * rows;
  if (p.has_tokens()) block.tokens = arena.take<i32>(cells);
  if (p.masks_zero) block.keeps = arena.take<uint8_t>(cells);
  block.inputs = take_matrix(arena, cells, p.features);
  for (u32 i = 0; i < p.lstm_count; i++) take_lstm_layer(arena, block, p, weights, i);
  for (u32 i = 0; i < p.dense_count; i++) block.dense[i] = take_dense_trace(arena, p.dense[i], rows);
  block.d_features = take_matrix(arena, rows, p.dense[0].inputs);
  return block;
}

}  // namespace CORE_SET
