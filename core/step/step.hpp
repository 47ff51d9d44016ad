#pragma once
#include "step/collect.hpp"
#include "step/pass.hpp"
#include "step/update.hpp"

/*
 * A call of the host, in rounds of tasks that the pool shares out. Every number is computed by one task in a fixed order,
 * so the result does not depend on the number of threads.
 *
 *   pack       each layer's weights into panels; rows of the table embeddings x kernel
 *   pass       each block of rows: forward, loss, backward
 *   collect    the blocks' gradients are added up; gradients of the embeddings
 *   measure    sums of squares, where the optimizer clips by norm
 *   update     each slice of the weights
 */
namespace CORE_SET {

inline void pack_round(Model& m, bool training) {
  const Plan& p = m.plan;
  m.pool.run(2 * p.lstm_count + p.dense_count, [&](u32 task) {
    const u32 i = task / 2, d = task % 2;
    if (i >= p.lstm_count) return pack_dense(m.dense[task - 2 * p.lstm_count]);
    if (d < p.lstm[i].directions) pack_lstm(m.lstm[i][d], training);
  });
  if (!m.lstm[0][0].table.data) return;
  m.pool.run(slices * p.lstm[0].directions, [&](u32 task) {
    const LstmWeights& w = m.lstm[0][task / slices];
    const Slice tokens = slice_of(p.vocabulary, task % slices, 1);
    const Left embeddings{m.weights.values, p.features, 1};
    multiply(w.table.from(tokens.from).rows(), {w.gate_bias, 0}, embeddings.from(tokens.from), w.kernel_panel, tokens.to - tokens.from);
  });
}

inline void pass_round(Model& m, const Call& call) {
  m.pool.run(m.blocks_of(call.rows), [&](u32 task) {
    Block& block = m.blocks[task];
    const u64 b = block.rows(call.rows);
    block.loss = 0, block.bad_token = block.bad_target = block.bad_number = false;
    forward_pass(m, block, call, b);
    if (call.trains()) backward_pass(m, block, b);
  });
}

enum class Outcome { done, bad_token, bad_target, bad_number };

inline Outcome add_up_losses(const Model& m, const Call& call) {
  f64 loss = 0;
  for (u32 i = 0; i < m.blocks_of(call.rows); i++) {
    if (m.blocks[i].bad_token) return Outcome::bad_token;
    if (m.blocks[i].bad_target) return Outcome::bad_target;
    if (m.blocks[i].bad_number) return Outcome::bad_number;
    loss += m.blocks[i].loss;
  }
  *m.ports.loss = loss / (f64)call.rows;
  return Outcome::done;
}

inline Outcome run(Model& m, const Call& call) {
  pack_round(m, call.trains());
  pass_round(m, call);
  const Outcome outcome = add_up_losses(m, call);
  if (outcome == Outcome::done && call.trains()) {
    collect_round(m, call);
    update_round(m, call);
  }
  return outcome;
}

}  // namespace CORE_SET
