#pragma once
#include "layers/lstm_weights.hpp"

// Recurrent dropout has a mask for each gate, of the state and of the inputs: then each gate multiplies numbers of its own. These are the
// products of product.hpp over groups of 4 vectors, i f c o, where each vector of a tile has its own A.
namespace CORE_SET {

constexpr u32 gate_count = 4;

/// Dropout masks [b, columns], one for each gate, `apart` numbers apart; without `first` nothing is dropped.
struct GateMasks {
  const f32* first;
  u64 apart;
  const f32* of(u32 gate) const { return first + gate * apart; }
};

/// Numbers of the four A: (i, k) of a gate lies at data[gate * apart + i * row + k * column].
struct GateLefts {
  const f32* data;
  u64 row, column, apart;
  GateLefts from(u64 i) const { return {data + i * row, row, column, apart}; }
};

/// Four matrices of one shape.
struct GateMatrices {
  Matrix first;
  u64 apart;
  Matrix of(u32 gate) const { return {first.data + gate * apart, first.columns, first.row}; }
  GateLefts left() const { return {first.data, first.row, 1, apart}; }
  /// Of the rows from k on.
  GateLefts transposed(u64 k) const { return {first.at(k), 1, first.row, apart}; }
};

inline GateMatrices take_gate_matrices(Arena& arena, u64 rows, u64 columns) {
  const Matrix all = take_matrix(arena, gate_count * rows, columns);
  return {all, rows * all.row};
}

/// c += a b over `depth` steps
template <u32 M>
inline __attribute__((always_inline)) void accumulate(Tile<M, gate_count>& c, GateLefts a, const f32* b, u64 step, u64 depth) {
  for (u64 k = 0; k < depth; k++, a.data += a.column, b += step) {
#pragma GCC unroll 4
    for (u32 j = 0; j < gate_count; j++) {
      const Vec right = load(b + j * W);
      const f32* left = a.data + j * a.apart;
#pragma GCC unroll 8
      for (u32 i = 0; i < M; i++) c.at[i][j] += spread(left[i * a.row]) * right;
    }
  }
}

/// C [rows, width] = start + A B, by gate
inline void multiply_gates(Rows c, Rows start, GateLefts a, Panel b, u64 rows) {
  for (u64 n = 0; n < b.width; n += gate_count * W) {
    multiply_strip<gate_count>({c.data + n, c.row}, {start.data + n, start.row}, a, b.strip(n), gate_count * W, rows, b.depth);
  }
}

/// C [columns of A, width] += A^T B, by gate, where A and B have `depth` rows.
inline void add_transposed_gate_product(Rows c, const GateMatrices& a, Rows b, u64 width, u64 depth) {
  for (u64 k = 0; k < depth; k += rows_in_cache)
    for (u64 n = 0; n < width; n += gate_count * W) {
      const Rows strip{c.data + n, c.row};
      multiply_strip<gate_count>(strip, strip, a.transposed(k), b.at(k) + n, b.row, a.first.columns, smaller(rows_in_cache, depth - k));
    }
}

/// to [b, N] += for each gate (dz of the gate) (transposed weights of the gate), times the gate's mask, at each of `steps` steps.
inline void add_masked_gate_products(Matrix to, Matrix dz, Panel transposed, const GateMasks& masks, u64 steps, u64 b) {
  const u64 groups = transposed.depth / (gate_count * W);
  each_strip(transposed.width, [&](auto n, u64 column) {
    constexpr u32 N = decltype(n)::value;
    const f32* weights = transposed.strip(column);
    for (u64 first = 0; first < steps * b; first += b)
      each_tile<tile_rows<N>>(0, b, [&](auto m, u64 r) {
        constexpr u32 M = decltype(m)::value;
        for (u32 gate = 0; gate < gate_count; gate++) {
          Tile<M, N> tile{};
          for (u64 group = 0; group < groups; group++) {
            const u64 k = (group * gate_count + gate) * W;
            accumulate(tile, Left{dz.at(first + r) + k, dz.row, 1}, weights + k * N * W, N * W, W);
          }
          for (u32 i = 0; i < M; i++)
            for (u32 j = 0; j < N; j++) {
              f32* sum = to.at(first + r + i) + column + j * W;
              store(sum, load(sum) + tile.at[i][j] * load(masks.of(gate) + (r + i) * to.columns + column + j * W));
            }
        }
      });
  });
}

}  // namespace CORE_SET
