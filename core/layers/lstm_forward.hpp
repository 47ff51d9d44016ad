#pragma once
#include "layers/lstm_trace.hpp"
#include "numbers/functions.hpp"

namespace CORE_SET {

/// The dropout masks of one direction; null where nothing is dropped. The inputs have one mask for all gates or, with recurrent dropout,
/// one for each.
struct Masks {
  const f32* input;  // [b, D]
  GateMasks input_gates, recurrent;
};

/// What differs between the rows of a block.
struct LstmRows {
  u64 count;                  // b
  const i32* tokens;          // [T b], or null for numbers
  const uint8_t* keeps;       // [T b]: 0 where the step is padding and leaves the state as it was; null: no step is
  Masks masks;
  bool keeps_step(u64 row) const { return !keeps || keeps[row]; }
};

/// Pointers to the same W units of the same row in everything that a step touches.
struct Cell {
  f32* z;
  const f32* c_before;
  f32 *c, *tanh_c, *h;
};

/// i = sigmoid(z_i)  f = sigmoid(z_f)  g = tanh(z_c)  o = sigmoid(z_o)
/// c = f c_before + i g        h = o tanh(c)
inline __attribute__((always_inline)) void cell_forward(const Cell& at, Vec zi, Vec zf, Vec zc, Vec zo) {
  const Vec i = sigmoid(zi), f = sigmoid(zf), g = tanh(zc), o = sigmoid(zo);
  const Vec c = f * load(at.c_before) + i * g;
  const Vec tanh_c = tanh(c);
  store(at.z, i), store(at.z + W, f), store(at.z + 2 * W, g), store(at.z + 3 * W, o);
  store(at.c, c), store(at.tanh_c, tanh_c), store(at.h, o * tanh_c);
}

/// Step `time` for W units from `unit` on and all rows: z = (x K + b) + h_before R, then the cell. `states`: h_before, by gate or for all.
/// Called, and not inlined, it would make the step of a plain LSTM 3 to 7 % slower.
template <typename States>
inline __attribute__((always_inline)) void lstm_units_forward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, u64 time, u64 unit, States states) {
  const u64 b = rows.count, now = Walk::slot(time) * b, before = t.walk.slot_before(time) * b, first = time * b;
  each_tile<tile_rows<4>>(0, b, [&](auto m, u64 r) {
    constexpr u32 M = decltype(m)::value;
    Tile<M, 4> z;
#pragma GCC unroll 8
    for (u32 i = 0; i < M; i++) {
      const u64 row = first + r + i;
      const f32* projected = (w.table.data ? w.table.at(rows.tokens[row]) : t.z.at(row)) + 4 * unit;
#pragma GCC unroll 4
      for (u32 j = 0; j < 4; j++) z.at[i][j] = load(projected + j * W);
    }
    accumulate(z, states.from(r), w.recurrent_panel.strip(4 * unit), 4 * W, w.units);
#pragma GCC unroll 8
    for (u32 i = 0; i < M; i++) {
      const u64 row = r + i;
      const Cell cell{t.z.at(first + row) + 4 * unit, t.c.at(before + row) + unit, t.c.at(now + row) + unit,
                      t.tanh_c.at(now + row) + unit, t.h.at(now + row) + unit};
      if (rows.keeps_step(first + row)) {
        cell_forward(cell, z.at[i][0], z.at[i][1], z.at[i][2], z.at[i][3]);
      } else {
        store(cell.c, load(cell.c_before)), store(cell.h, load(t.h.at(before + row) + unit));
      }
    }
  });
}

/// to = from * mask, where the mask's rows are not padded. to and from may be the same.
inline void multiply_mask(Matrix to, Matrix from, const f32* mask, u64 rows) {
  for (u64 r = 0; r < rows; r++)
    for (u64 j = 0; j < to.width(); j += W) store(to.at(r) + j, load(from.at(r) + j) * load(mask + r * to.columns + j));
}

/// The rows of each step times the mask [b, columns].
inline void mask_steps(Matrix to, Matrix from, const f32* mask, u64 steps, u64 b) {
  for (u64 t = 0; t < steps; t++) multiply_mask(to.from(t * b), from.from(t * b), mask, b);
}

/// The rows of each step times the masks of each gate.
inline void mask_gates(const GateMatrices& to, Matrix from, const GateMasks& masks, u64 steps, u64 b) {
  for (u32 gate = 0; gate < gate_count; gate++) mask_steps(to.of(gate), from, masks.of(gate), steps, b);
}

/// The states before the first step.
inline void clear_start(const LstmTrace& t, u64 b) {
  const u64 start = t.walk.slot_before(t.walk.time(0)) * b;
  clear(t.c.from(start), b), clear(t.h.from(start), b);
}

/// z = x K + b for so many steps, whose rows begin at `first`.
inline void lstm_project(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, u64 first, u64 steps) {
  const Rows z = t.z.from(first).rows(), bias{w.gate_bias, 0};
  const Matrix x = t.x.from(first);
  const GateMasks& masks = rows.masks.input_gates;
  if (!masks.first) return multiply(z, bias, x.left(), w.kernel_panel, steps * rows.count);
  mask_gates(t.x_gates, x, masks, steps, rows.count);
  multiply_gates(z, bias, t.x_gates.left(), w.kernel_panel, steps * rows.count);
}

inline __attribute__((always_inline)) void lstm_step_forward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows, u64 time) {
  const Matrix before = t.h.from(t.walk.slot_before(time) * rows.count);
  const GateMasks& masks = rows.masks.recurrent;
  if (masks.first) mask_gates(t.h_gates, before, masks, 1, rows.count);
  for (u64 unit = 0; unit < w.units; unit += W) {
    if (masks.first) lstm_units_forward(w, t, rows, time, unit, t.h_gates.left());
    else lstm_units_forward(w, t, rows, time, unit, before.left());
  }
}

/// Fills z, c, tanh_c and h from x.
inline void lstm_forward(const LstmWeights& w, const LstmTrace& t, const LstmRows& rows) {
  const u64 b = rows.count, T = t.walk.steps, chunk = steps_at_once(b);
  clear_start(t, b);
  for (u64 from = 0; from < T; from += chunk) {
    const u64 to = smaller(from + chunk, T), first = t.walk.first_time(from, to) * b;
    if (!w.table.data) lstm_project(w, t, rows, first, to - from);
    for (u64 step = from; step < to; step++) lstm_step_forward(w, t, rows, t.walk.time(step));
  }
}

}  // namespace CORE_SET
