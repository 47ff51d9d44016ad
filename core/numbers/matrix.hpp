#pragma once
#include "numbers/arena.hpp"
#include "numbers/panel.hpp"

namespace CORE_SET {

/// Numbers in a row of `columns`: whole vectors, and from 512 bytes on an odd number of them, so that the same column of
/// successive rows does not fall into few sets of the cache.
inline u64 row_length(u64 columns) {
  const u64 vectors = quotient_up(columns, W);
  return (vectors % 2 == 0 && vectors * W >= 128 ? vectors + 1 : vectors) * W;
}

/// Row-major. Rows end in padding up to a whole vector, which vectors may read and write and no result depends on.
struct Matrix {
  f32* data;
  u64 columns, row;

  f32* at(u64 r) const { return data + r * row; }
  /// Columns in whole vectors.
  u64 width() const { return multiple_up(columns, W); }
  Matrix from(u64 r) const { return {at(r), columns, row}; }
  Rows rows() const { return {data, row}; }
  Left left() const { return {data, row, 1}; }
};

inline Matrix take_matrix(Arena& arena, u64 rows, u64 columns) {
  const u64 row = row_length(columns);
  return {arena.take<f32>(rows * row), columns, row};
}

inline void clear(Matrix m, u64 rows) { __builtin_memset(m.data, 0, rows * m.row * sizeof(f32)); }

inline void add(Matrix to, Matrix what, u64 rows) {
  for (u64 r = 0; r < rows; r++)
    for (u64 j = 0; j < to.width(); j += W) store(to.at(r) + j, load(to.at(r) + j) + load(what.at(r) + j));
}

/// total [columns] += the sum of the rows
inline void add_column_sums(f32* total, Matrix m, u64 rows) {
  for (u64 j = 0; j < m.width(); j += W) {
    Vec s = load(total + j);
    for (u64 r = 0; r < rows; r++) s += load(m.at(r) + j);
    store(total + j, s);
  }
}

}  // namespace CORE_SET
