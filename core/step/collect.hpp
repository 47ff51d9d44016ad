#pragma once
#include "layers/embedding.hpp"
#include "step/call.hpp"

// After the pass: the blocks' gradients, added up in the order of the blocks, in Keras' layout.
namespace CORE_SET {

constexpr u32 slices = 4;  // of an array's rows; of the embedding's columns, where a task goes through all tokens

constexpr u64 cache_line = 16;  // numbers: two tasks that write into one line would hand it to and fro

struct Slice {
  u64 from, to;
};

inline Slice slice_of(u64 length, u32 number, u64 unit) {
  const u64 size = multiple_up(quotient_up(length, slices), unit);
  return {smaller(number * size, length), smaller((number + 1) * size, length)};
}

inline const Matrix& gradient_of(const Block& block, const WeightArray& a) {
  return a.owner == Owner::lstm ? block.lstm[a.layer][a.direction].gradient : block.dense[a.layer].gradient;
}

/// W numbers of one row, summed over the blocks.
inline Vec add_blocks(const Model& m, u64 blocks, const WeightArray& a, u64 row, u64 column) {
  Vec total{};
  for (u64 i = 0; i < blocks; i++) total += load(gradient_of(m.blocks[i], a).at(a.gradient_row + row) + column);
  return total;
}

/// Row `row` of an LSTM's array: from groups of W units with their four gates to Keras' four gates of H units.
inline void collect_gates(const Model& m, u64 blocks, const WeightArray& a, u64 row, f32* to) {
  const u64 units = a.columns / 4;
  for (u64 unit = 0; unit < units; unit += W)
    for (u64 gate = 0; gate < 4; gate++) {
      store_first(to + gate * units + unit, add_blocks(m, blocks, a, row, 4 * unit + gate * W), units - unit);
    }
}

inline void collect_array(const Model& m, u64 blocks, const WeightArray& a, Slice rows) {
  for (u64 row = rows.from; row < rows.to; row++) {
    f32* to = m.weights.gradient + a.offset + row * a.columns;
    if (a.owner == Owner::lstm) collect_gates(m, blocks, a, row, to);
    else
      for (u64 j = 0; j < a.columns; j += W) store_first(to + j, add_blocks(m, blocks, a, row, j), a.columns - j);
  }
}

/// The embedding's gradient and squares, which the last update left at zero.
inline void collect_embedding(const Model& m, const Call& call, Slice columns) {
  const OptimizerPlan& o = m.plan.optimizer;
  const f32 limit = o.clip == Clip::value ? (f32)o.clip_limit : __builtin_inff();
  const EmbeddingGradient g{m.weights.gradient, m.weights.squares, m.plan.features, limit};
  for (u32 i = 0; i < m.blocks_of(call.rows); i++) {
    const Block& block = m.blocks[i];
    add_occurrences(g, block.d_inputs[0], block.tokens, m.plan.timesteps * block.rows(call.rows), columns.from, columns.to);
  }
}

inline void collect_round(Model& m, const Call& call) {
  m.pool.run(m.weights.count * slices, [&](u32 task) {
    const WeightArray& a = m.weights.arrays[task / slices];
    if (a.owner == Owner::embedding) collect_embedding(m, call, slice_of(a.columns, task % slices, cache_line));
    else collect_array(m, m.blocks_of(call.rows), a, slice_of(a.rows, task % slices, 1));
  });
}

}  // namespace CORE_SET
