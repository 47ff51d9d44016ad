#pragma once
#include "model/block.hpp"
#include "model/pool.hpp"
#include "model/weights.hpp"

namespace CORE_SET {

/// What the host reads and writes, as addresses. Sizes follow from the plan.
struct Ports {
  i32* tokens;           // [B, T]
  f32* numbers;          // [B, T, F]
  f32* targets;          // [B, target columns]
  f32* sample_weights;   // [B]
  f32* masks;            // for each dropout site [B of the plan, width], in the plan's order
  f32* outputs;          // [B, output units]
  f64* loss;
};

/// Everything about one model: laid out once, in one block of memory that begins with this struct.
struct Model {
  Plan plan;
  Ports ports;
  Weights weights;
  LstmWeights lstm[max_layers][2];
  DenseWeights dense[max_layers + 1];
  u32 block_count, block_rows;
  Block* blocks;
  f64* partial_squares;  // sums of squared gradients, one for each slice of the weights
  Pool pool;
  u32 blocks_of(u64 rows) const { return (u32)quotient_up(rows, block_rows); }
};

/// Rows of a batch are split into blocks by the plan alone, so that sums over blocks do not depend on the threads.
constexpr u64 rows_of_small_block = 16, blocks_at_most = 16;

inline void split_rows(Model& m) {
  const u64 rows = m.plan.max_rows;
  const u64 count = smaller(quotient_up(rows, rows_of_small_block), blocks_at_most);
  m.block_rows = (u32)quotient_up(rows, count);
  m.block_count = (u32)quotient_up(rows, m.block_rows);
}

/// The table embeddings x kernel saves work when there are fewer tokens than steps; dropout on the inputs rules it out.
inline u64 table_rows(const Plan& p) {
  const bool fewer = 2 * (u64)p.vocabulary <= (u64)p.max_rows * p.timesteps;
  return p.has_tokens() && !p.lstm[0].drops_inputs && fewer ? p.vocabulary : 0;
}

inline u64 mask_numbers(const Plan& p) {
  u64 width = 0;
  for (u32 i = 0; i < p.lstm_count; i++) {
    const LstmPlan& l = p.lstm[i];
    const u64 once = (u64)l.drops_inputs * l.inputs + (u64)l.drops_recurrent * l.units;
    width += l.directions * once * (l.drops_recurrent ? gate_count : 1);
  }
  for (u32 i = 0; i < p.dense_count; i++) width += (u64)p.dense[i].drops_outputs * p.dense[i].units;
  return width * p.max_rows;
}

/// Every array keeps 16 numbers behind it that whole vectors may read.
inline Ports take_ports(Arena& arena, const Plan& p) {
  const u64 B = p.max_rows, cells = B * p.timesteps;
  const u64 targets = p.loss == Loss::sparse_categorical_crossentropy ? 1 : p.output().units;
  Ports ports{};
  if (p.has_tokens()) ports.tokens = arena.take<i32>(cells);
  else ports.numbers = arena.take<f32>(cells * p.features + 16);
  ports.targets = arena.take<f32>(B * targets);
  ports.sample_weights = arena.take<f32>(B);
  ports.masks = arena.take<f32>(mask_numbers(p) + 16);
  ports.outputs = arena.take<f32>(B * p.output().units);
  ports.loss = arena.take<f64>(1);
  return ports;
}

/// Points the layers at their arrays, in the order of list_weights.
inline void connect_weights(Model& m) {
  u32 next = m.plan.has_tokens() ? 1 : 0;
  const auto array = [&] { return m.weights.values + m.weights.arrays[next++].offset; };
  for (u32 i = 0; i < m.plan.lstm_count; i++)
    for (u32 d = 0; d < m.plan.lstm[i].directions; d++) {
      LstmWeights& w = m.lstm[i][d];
      w.kernel = array(), w.recurrent = array(), w.bias = array();
    }
  for (u32 i = 0; i < m.plan.dense_count; i++) m.dense[i].kernel = array(), m.dense[i].bias = array();
}

/// Lays the model out over `arena`; over a null one `m` is scratch and only arena.used counts.
inline void lay_out(Model& m, Arena& arena) {
  const Plan& p = m.plan;
  m.ports = take_ports(arena, p);
  m.weights = list_weights(p);
  take_weights(arena, m.weights, p.has_tokens());
  for (u32 i = 0; i < p.lstm_count; i++)
    for (u32 d = 0; d < p.lstm[i].directions; d++)
      m.lstm[i][d] = take_lstm_weights(arena, p.lstm[i].inputs, p.lstm[i].units, i == 0 ? table_rows(p) : 0);
  for (u32 i = 0; i < p.dense_count; i++) m.dense[i] = take_dense_weights(arena, p.dense[i]);
  connect_weights(m);
  split_rows(m);
  m.partial_squares = arena.take<f64>(quotient_up(m.weights.length, update_slice) + max_weights);
  m.blocks = arena.take<Block>(m.block_count);
  for (u32 i = 0; i < m.block_count; i++) {
    const Block block = take_block(arena, p, m.lstm, i * m.block_rows, m.block_rows);
    if (m.blocks) m.blocks[i] = block;
  }
}

}  // namespace CORE_SET
