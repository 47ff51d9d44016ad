#pragma once
#include "step/call.hpp"

// An LSTM layer of a block: one or two directions, what goes in and what comes out.
namespace CORE_SET {

/// The trace with its inputs: `inputs` themselves, or a masked copy.
inline LstmTrace with_inputs(LstmTrace t, Matrix inputs, const Masks& masks, u64 b) {
  if (masks.input) mask_steps(t.x, inputs, masks.input, t.walk.steps, b);
  else t.x = inputs;
  return t;
}

inline LstmRows rows_of(const Block& block, const Masks& masks, u64 b) {
  return {b, block.tokens, block.keeps, masks};
}

/// What one direction puts out: [T b, H] or, of the last step only, [b, H].
inline Matrix outputs_of(const LstmTrace& t, bool returns_sequences, u64 b) {
  return t.h.from(Walk::slot(returns_sequences ? 0 : t.walk.time(t.walk.steps - 1)) * b);
}

/// Both directions side by side. In a returned sequence Keras' Bidirectional puts zeros where a step is padding.
inline void join(Matrix to, Matrix forward, Matrix backward, const uint8_t* keeps, u64 rows) {
  for (u64 r = 0; r < rows; r++) {
    f32* out = to.at(r);
    const bool kept = !keeps || keeps[r];
    for (u64 j = 0; j < forward.columns; j++) out[j] = kept ? forward.at(r)[j] : 0;
    for (u64 j = 0; j < backward.columns; j++) out[forward.columns + j] = kept ? backward.at(r)[j] : 0;
  }
}

/// The reverse of join, for the gradient.
inline void split(Matrix forward, Matrix backward, Matrix from, const uint8_t* keeps, u64 rows) {
  for (u64 r = 0; r < rows; r++) {
    const f32* d = from.at(r);
    const bool kept = !keeps || keeps[r];
    for (u64 j = 0; j < forward.columns; j++) forward.at(r)[j] = kept ? d[j] : 0;
    for (u64 j = 0; j < backward.columns; j++) backward.at(r)[j] = kept ? d[forward.columns + j] : 0;
  }
}

/// Returns the layer's outputs [T b, O] or [b, O], O = units of all directions.
inline Matrix layer_forward(const Model& m, const Block& block, u32 i, Matrix inputs, MaskReader& reader, bool training, u64 b) {
  const LstmPlan& l = m.plan.lstm[i];
  Matrix outputs[2];
  for (u32 d = 0; d < l.directions; d++) {
    const Masks masks = lstm_masks(l, reader, training);
    const LstmTrace t = with_inputs(block.lstm[i][d], inputs, masks, b);
    lstm_forward(m.lstm[i][d], t, rows_of(block, masks, b));
    outputs[d] = outputs_of(t, l.returns_sequences, b);
  }
  if (l.directions == 1) return outputs[0];
  const u64 rows = l.returns_sequences ? m.plan.timesteps * b : b;
  join(block.joined[i], outputs[0], outputs[1], l.returns_sequences ? block.keeps : nullptr, rows);
  return block.joined[i];
}

/// From the gradient of the layer's outputs to those of its weights and of its inputs (block.d_inputs).
inline void layer_backward(const Model& m, const Block& block, u32 i, Matrix inputs, Matrix dy, MaskReader& reader, u64 b) {
  const LstmPlan& l = m.plan.lstm[i];
  const u64 cells = m.plan.timesteps * b;
  if (l.directions == 2) {
    split(block.split[i][0], block.split[i][1], dy, l.returns_sequences ? block.keeps : nullptr, l.returns_sequences ? cells : b);
  }
  const Matrix dx = block.d_inputs[i];
  if (dx.data) clear(dx, cells);
  for (u32 d = 0; d < l.directions; d++) {
    const Masks masks = lstm_masks(l, reader, true);
    LstmTrace t = block.lstm[i][d];
    if (!masks.input) t.x = inputs;
    const Matrix dy_of_direction = l.directions == 2 ? block.split[i][d] : dy;
    lstm_backward(m.lstm[i][d], t, rows_of(block, masks, b), {dy_of_direction, l.returns_sequences, dx});
  }
}

}  // namespace CORE_SET
