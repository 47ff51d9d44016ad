#pragma once
#include "numbers/matrix.hpp"

namespace CORE_SET {

/*
 * One direction of an LSTM layer with D inputs and H units. Keras keeps the four gates one after the other:
 *
 *   kernel [D, 4H], recurrent [H, 4H], bias [4H]      columns  i i .. i  f f .. f  c c .. c  o o .. o
 *
 * Here the columns go by groups of W units, so that all gates of the same units are in registers at the same time:
 *
 *   columns  i f c o (units 0 .. W-1)  i f c o (units W .. 2W-1)  ...      4 vectors a group, units padded to whole groups
 */
struct GateColumn {
  u64 gate, unit;
  explicit GateColumn(u64 column) : gate(column / W % 4), unit(column / (4 * W) * W + column % W) {}
};

struct LstmWeights {
  u64 inputs, units;
  const f32 *kernel, *recurrent, *bias;
  f32* gate_bias;                 // [4 Hw], Hw = units in whole vectors
  Panel kernel_panel;             // [D, 4 Hw]   z = x K
  Panel recurrent_panel;          // [H, 4 Hw]   z += h R
  Panel kernel_transposed;        // [4 Hw, Dw]  dx = dz K^T
  Panel recurrent_transposed;     // [4 Hw, Hw]  dh = dz R^T
  Matrix table;                   // [V, 4 Hw]   embeddings K + b, when that is less work than x K for every step; else empty

  u64 unit_width() const { return multiple_up(units, W); }
  u64 gate_width() const { return 4 * unit_width(); }
};

inline LstmWeights take_lstm_weights(Arena& arena, u64 inputs, u64 units, u64 table_rows) {
  LstmWeights w{};
  w.inputs = inputs, w.units = units;
  const u64 gates = w.gate_width();
  w.gate_bias = arena.take<f32>(gates);
  w.kernel_panel = take_panel(arena, inputs, gates);
  w.recurrent_panel = take_panel(arena, units, gates);
  w.kernel_transposed = take_panel(arena, gates, inputs);
  w.recurrent_transposed = take_panel(arena, gates, units);
  if (table_rows) w.table = take_matrix(arena, table_rows, gates);
  return w;
}

inline void pack_gates(Panel panel, const f32* weights, u64 units) {
  pack(panel, [=](u64 k, u64 n) {
    const GateColumn c(n);
    return c.unit < units ? weights[k * 4 * units + c.gate * units + c.unit] : 0.f;
  });
}

inline void pack_gates_transposed(Panel panel, const f32* weights, u64 units, u64 columns) {
  pack(panel, [=](u64 k, u64 n) {
    const GateColumn c(k);
    return c.unit < units && n < columns ? weights[n * 4 * units + c.gate * units + c.unit] : 0.f;
  });
}

inline void pack_lstm(const LstmWeights& w, bool for_training) {
  pack_gates({w.gate_bias, 1, w.gate_width()}, w.bias, w.units);
  pack_gates(w.kernel_panel, w.kernel, w.units);
  pack_gates(w.recurrent_panel, w.recurrent, w.units);
  if (!for_training) return;
  pack_gates_transposed(w.kernel_transposed, w.kernel, w.units, w.inputs);
  pack_gates_transposed(w.recurrent_transposed, w.recurrent, w.units, w.units);
}

}  // namespace CORE_SET
