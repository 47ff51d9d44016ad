#pragma once
#include "numbers/arena.hpp"
#include "numbers/product.hpp"

// Weights change once a step and are read T times: they are copied into panels, in the order in which a product reads them.
namespace CORE_SET {

/// B [depth, width] as strips of 4, 2 or 1 vectors, each strip row after row. `width` is a multiple of W.
struct Panel {
  f32* data;
  u64 depth, width;
  static u64 size(u64 depth, u64 width) { return depth * width; }
  const f32* strip(u64 column) const { return data + column * depth; }
};

inline Panel take_panel(Arena& arena, u64 depth, u64 columns) {
  const u64 width = multiple_up(columns, W);
  return {arena.take<f32>(Panel::size(depth, width)), depth, width};
}

/// value(k, n) is asked for every place of the panel, and gives 0 for padding.
template <typename Value>
void pack(Panel panel, const Value& value) {
  f32* to = panel.data;
  each_strip(panel.width, [&](auto n, u64 column) {
    for (u64 k = 0; k < panel.depth; k++)
      for (u64 j = 0; j < decltype(n)::value * W; j++) *to++ = value(k, column + j);
  });
}

/// C [rows, width] = start + A B
inline void multiply(Rows c, Rows start, Left a, Panel b, u64 rows) {
  each_strip(b.width, [&](auto n, u64 column) {
    constexpr u32 N = decltype(n)::value;
    multiply_strip<N>({c.data + column, c.row}, {start.data + column, start.row}, a, b.strip(column), N * W, rows, b.depth);
  });
}

}  // namespace CORE_SET
