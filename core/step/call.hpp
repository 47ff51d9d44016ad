#pragma once
#include "model/model.hpp"

namespace CORE_SET {

enum class Mode { predict, evaluate, train };

/// One call of the host: what to do with the first `rows` rows of the ports.
struct Call {
  Mode mode;
  u64 rows;
  bool weighted;
  f64 learning_rate;
  u64 iteration;
  bool trains() const { return mode == Mode::train; }
};

/// Reads the masks in the order of the plan's dropout sites.
struct MaskReader {
  const f32* next;
  u64 max_rows, first;  // of the block

  const f32* take(bool drops, u64 width) {
    if (!drops) return nullptr;
    const f32* mask = next + first * width;
    next += max_rows * width;
    return mask;
  }

  GateMasks take_gates(bool drops, u64 width) {
    const f32* first = take(drops, width);
    for (u32 gate = 1; gate < gate_count; gate++) take(drops, width);
    return {first, max_rows * width};
  }
};

inline MaskReader masks_of(const Model& m, const Block& block) { return {m.ports.masks, m.plan.max_rows, block.first}; }

inline Masks lstm_masks(const LstmPlan& l, MaskReader& reader, bool training) {
  Masks masks{};
  if (l.drops_recurrent) masks.input_gates = reader.take_gates(l.drops_inputs, l.inputs);
  else masks.input = reader.take(l.drops_inputs, l.inputs);
  masks.recurrent = reader.take_gates(l.drops_recurrent, l.units);
  return training ? masks : Masks{};
}

/// Moves the reader past the LSTM layers below layer i.
inline void skip_lstm_masks(const Plan& p, MaskReader& reader, u32 i) {
  for (u32 below = 0; below < i; below++)
    for (u32 d = 0; d < p.lstm[below].directions; d++) lstm_masks(p.lstm[below], reader, true);
}

/// From a fresh reader: the mask of dense layer i.
inline const f32* dense_mask(const Plan& p, MaskReader& reader, u32 i) {
  skip_lstm_masks(p, reader, p.lstm_count);
  for (u32 below = 0; below < i; below++) reader.take(p.dense[below].drops_outputs, p.dense[below].units);
  return reader.take(p.dense[i].drops_outputs, p.dense[i].units);
}

}  // namespace CORE_SET
