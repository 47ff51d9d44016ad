#pragma once
#include "numbers/vector.hpp"

// Matrix products C = A B, tile by tile: a tile of C stays in registers while the depth k runs, each step of which
// multiplies M numbers of A (spread over the lanes) by N vectors of B.
//
//        k ->          B  [K, N*W]   one row after the other, `step` apart
//   A  [M, K]          C  [M, N*W]
//
namespace CORE_SET {

/// Numbers of A: (i, k) lies at data[i * row + k * column]. A matrix or its transpose, without a copy.
struct Left {
  const f32* data;
  u64 row, column;
  Left from(u64 i) const { return {data + i * row, row, column}; }
};

template <u32 M, u32 N>
struct Tile {
  Vec at[M][N];
};

/// c += a b over `depth` steps
template <u32 M, u32 N>
inline __attribute__((always_inline)) void accumulate(Tile<M, N>& c, Left a, const f32* b, u64 step, u64 depth) {
  for (u64 k = 0; k < depth; k++, a.data += a.column, b += step) {
    Vec left[M];
#pragma GCC unroll 8
    for (u32 i = 0; i < M; i++) left[i] = spread(a.data[i * a.row]);
#pragma GCC unroll 4
    for (u32 j = 0; j < N; j++) {
      const Vec right = load(b + j * W);
#pragma GCC unroll 8
      for (u32 i = 0; i < M; i++) c.at[i][j] += left[i] * right;
    }
  }
}

/// How many rows of A a tile of N vectors takes: CORE_SUMS is how many sums the registers hold beside the operands.
template <u32 N>
constexpr u32 tile_rows = smaller(CORE_SUMS / N, 8);

/// body(Number<M>, first row) for tiles of M rows, and for the rest a tile of its own size.
template <u32 M, typename Body>
inline __attribute__((always_inline)) void each_tile(u64 row, u64 rows, const Body& body) {
  for (; row + M <= rows; row += M) body(Number<M>{}, row);
  if constexpr (M > 1) {
    if (row < rows) each_tile<M - 1>(row, rows, body);
  }
}

/// body(Number<N>, first column) for strips of N vectors; `width` is a multiple of W.
template <typename Body>
inline __attribute__((always_inline)) void each_strip(u64 width, const Body& body) {
  u64 n = 0;
  for (; n + 4 * W <= width; n += 4 * W) body(Number<4>{}, n);
  for (; n + 2 * W <= width; n += 2 * W) body(Number<2>{}, n);
  for (; n < width; n += W) body(Number<1>{}, n);
}

/// Rows `row` apart; 0 means that all rows are the same one, such as a bias.
struct Rows {
  f32* data;
  u64 row;
  f32* at(u64 i) const { return data + i * row; }
};

/// One strip: c = start + a b
template <u32 N, typename A>
void multiply_strip(Rows c, Rows start, A a, const f32* b, u64 step, u64 rows, u64 depth) {
  each_tile<tile_rows<N>>(0, rows, [&](auto m, u64 r) {
    constexpr u32 M = decltype(m)::value;
    Tile<M, N> tile;
#pragma GCC unroll 8
    for (u32 i = 0; i < M; i++)
#pragma GCC unroll 4
      for (u32 j = 0; j < N; j++) tile.at[i][j] = load(start.at(r + i) + j * W);
    accumulate(tile, a.from(r), b, step, depth);
#pragma GCC unroll 8
    for (u32 i = 0; i < M; i++)
#pragma GCC unroll 4
      for (u32 j = 0; j < N; j++) store(c.at(r + i) + j * W, tile.at[i][j]);
  });
}

/// So many rows of a strip stay in the first cache.
constexpr u64 rows_in_cache = 96;

/// C [columns of A, width] += A^T B, where A and B have `depth` rows: the gradient of a weight matrix from its inputs and
/// the gradient of its outputs. Slices of the depth keep a strip of B in the first cache.
inline void add_transposed_product(Rows c, Rows a, u64 columns, Rows b, u64 width, u64 depth) {
  for (u64 k = 0; k < depth; k += rows_in_cache) {
    const Left left{a.at(k), 1, a.row};
    each_strip(width, [&](auto n, u64 column) {
      const Rows strip{c.data + column, c.row};
      multiply_strip<decltype(n)::value>(strip, strip, left, b.at(k) + column, b.row, columns, smaller(rows_in_cache, depth - k));
    });
  }
}

}  // namespace CORE_SET
