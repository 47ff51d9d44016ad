#pragma once
#include "layers/gates.hpp"

namespace CORE_SET {

/// The order in which a direction walks through T steps, and where it finds the state before a step. States lie by time
/// in slots 1 .. T; slot 0, or T + 1 for the backward direction, holds the zeros before the first step.
struct Walk {
  u64 steps;
  bool backward;
  u64 time(u64 step) const { return backward ? steps - 1 - step : step; }
  static u64 slot(u64 time) { return time + 1; }
  u64 slot_before(u64 time) const { return backward ? time + 2 : time; }
  /// The earliest time among the steps [from, to), which lie side by side.
  u64 first_time(u64 from, u64 to) const { return backward ? steps - to : from; }
};

/// About so many rows are worked on at once, by whole steps, so that they are still in the cache: the products over many
/// rows come right before (forward) or right after (backward) the steps that need or make them.
constexpr u64 rows_at_once = 96;

inline u64 steps_at_once(u64 rows) { return larger(1, rows_at_once / rows); }

/// What one direction remembers of a block of b rows. Rows are time-major: step t of row r is row t * b + r.
struct LstmTrace {
  Walk walk;
  Matrix x;            // [T b, D]       inputs, times their dropout mask where all gates share one
  Matrix z;            // [T b, 4 Hw]    x K + b, then the gates i f c o, then (backward) the gradients of what goes into them
  Matrix c, tanh_c, h; // [(T + 2) b, H] cell state, its tanh, output; by slots
  Matrix dc, dh;       // [b, H]         gradients that flow from a step to the one before
  Matrix dx_masked;    // [steps at once b, D] gradient of the inputs before the input dropout mask
  GateMatrices x_gates; // [steps at once b, D] inputs times the masks of each gate
  GateMatrices h_gates; // [steps at once b, H] states before the steps, times the masks of each gate
  Matrix gradient;     // [D + H + 1, 4 Hw] of kernel, recurrent kernel and bias
};

inline LstmTrace take_lstm_trace(Arena& arena, Walk walk, u64 rows, const LstmWeights& w, bool drops_inputs, bool drops_recurrent) {
  LstmTrace t{};
  t.walk = walk;
  const u64 cells = walk.steps * rows, slots = (walk.steps + 2) * rows, at_once = larger(rows, rows_at_once);
  if (drops_recurrent) {
    t.h_gates = take_gate_matrices(arena, at_once, w.units);
    if (drops_inputs) t.x_gates = take_gate_matrices(arena, at_once, w.inputs);
  } else if (drops_inputs) {
    t.x = take_matrix(arena, cells, w.inputs);
    t.dx_masked = take_matrix(arena, at_once, w.inputs);
  }
  t.z = take_matrix(arena, cells, w.gate_width());
  t.c = take_matrix(arena, slots, w.units);
  t.tanh_c = take_matrix(arena, slots, w.units);
  t.h = take_matrix(arena, slots, w.units);
  t.dc = take_matrix(arena, rows, w.units);
  t.dh = take_matrix(arena, rows, w.units);
  t.gradient = take_matrix(arena, w.inputs + w.units + 1, w.gate_width());
  return t;
}

}  // namespace CORE_SET
