#pragma once
#include "numbers/arena.hpp"
#include "plan.hpp"

namespace CORE_SET {

/// Every weight array starts at a multiple of this many numbers, in every instruction set. The gap is zero and stays so.
constexpr u64 weight_alignment = 16;

constexpr u64 update_slice = 4096;  // numbers that one task updates

constexpr u32 max_weights = 1 + max_layers * 2 * 3 + (max_layers + 1) * 2;

enum class Owner { embedding, lstm, dense };

/// One array of Keras' list of weights: [rows, columns], a bias being one row. It lies at `offset` among all weights; its
/// gradient begins at `gradient_row` of the gradient matrix that its layer keeps in each block.
struct WeightArray {
  u64 offset, rows, columns;
  Owner owner;
  u32 layer, direction;
  u64 gradient_row;
};

/// All weights one after the other in Keras' order and layout, and beside them, at the same offsets, their gradients and
/// the optimizer's slots.
struct Weights {
  WeightArray arrays[max_weights];
  u32 count;
  u64 length;
  f32* values;
  f32* gradient;
  f32* squares;  // of the first array, when that is an embedding; else null
  f32* slots[max_slots];
  u32 slot_count;
  u64 length_of(u32 array) const { return (array + 1 < count ? arrays[array + 1].offset : length) - arrays[array].offset; }
  bool has_squares(u64 offset) const { return squares && offset < arrays[1].offset; }
};

inline void add_weight(Weights& w, WeightArray array) {
  array.offset = w.length;
  w.arrays[w.count++] = array;
  w.length += multiple_up(array.rows * array.columns, weight_alignment);
}

/// Keras' order: embedding; kernel, recurrent kernel and bias of each LSTM direction; kernel and bias of each dense layer.
inline Weights list_weights(const Plan& p) {
  Weights w{};
  if (p.has_tokens()) add_weight(w, {0, p.vocabulary, p.features, Owner::embedding, 0, 0, 0});
  for (u32 i = 0; i < p.lstm_count; i++) {
    const u64 inputs = p.lstm[i].inputs, units = p.lstm[i].units;
    for (u32 d = 0; d < p.lstm[i].directions; d++) {
      add_weight(w, {0, inputs, 4 * units, Owner::lstm, i, d, 0});
      add_weight(w, {0, units, 4 * units, Owner::lstm, i, d, inputs});
      add_weight(w, {0, 1, 4 * units, Owner::lstm, i, d, inputs + units});
    }
  }
  for (u32 i = 0; i < p.dense_count; i++) {
    const u64 inputs = p.dense[i].inputs, units = p.dense[i].units;
    add_weight(w, {0, inputs, units, Owner::dense, i, 0, 0});
    add_weight(w, {0, 1, units, Owner::dense, i, 0, inputs});
  }
  w.slot_count = slot_count(p.optimizer);
  return w;
}

/// `slack` numbers behind the last array may be read (never used) by whole vectors.
inline void take_weights(Arena& arena, Weights& w, bool has_embedding) {
  constexpr u64 slack = 16;
  w.values = arena.take<f32>(w.length + slack);
  for (u32 i = 0; i < w.slot_count; i++) w.slots[i] = arena.take<f32>(w.length);
  w.gradient = arena.take<f32>(w.length);
  if (has_embedding) w.squares = arena.take<f32>(w.arrays[1].offset);
}

}  // namespace CORE_SET
