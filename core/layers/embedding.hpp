#pragma once
#include "numbers/matrix.hpp"

namespace CORE_SET {

/// Rows of `embeddings` [V, E] by token, into x [n, E]. Padding columns get whatever follows: nothing reads them.
inline void embed(Matrix x, const f32* embeddings, const i32* tokens, u64 n) {
  for (u64 r = 0; r < n; r++) {
    const f32* row = embeddings + (u64)tokens[r] * x.columns;
    for (u64 j = 0; j < x.columns; j += W) store(x.at(r) + j, load(row + j));
  }
}

/// Keras on TensorFlow keeps the gradient of the embeddings as one slice per occurrence of a token. The optimizers see
/// their sum, but where Keras squares a gradient (velocities, norms) it squares each occurrence on its own, and it
/// clips each on its own. So both sums are kept: of the gradients and of their squares.
struct EmbeddingGradient {
  f32 *total, *squares;  // [V, E]
  u64 columns;
  f32 limit;             // clipvalue, or infinity
};

/// Adds the columns [from, to) of dx [n, E] to the rows of their tokens.
inline void add_occurrences(const EmbeddingGradient& g, Matrix dx, const i32* tokens, u64 n, u64 from, u64 to) {
  for (u64 r = 0; r < n; r++) {
    const u64 row = (u64)tokens[r] * g.columns;
    u64 j = from;
    for (; j + W <= to; j += W) {
      const Vec d = at_least(at_most(load(dx.at(r) + j), g.limit), -g.limit);
      store(g.total + row + j, load(g.total + row + j) + d);
      store(g.squares + row + j, load(g.squares + row + j) + d * d);
    }
    for (; j < to; j++) {
      const f32 whole = dx.at(r)[j], d = whole > g.limit ? g.limit : whole < -g.limit ? -g.limit : whole;
      g.total[row + j] += d;
      g.squares[row + j] += d * d;
    }
  }
}

}  // namespace CORE_SET
