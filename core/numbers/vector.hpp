#pragma once
#include "numbers/types.hpp"

// Vectors of CORE_LANES numbers by the compilers' vector extension: one source for SSE2, AVX2, AVX-512, NEON and wasm.
// Operators work lane by lane, a scalar operand is spread over all lanes, comparisons give 0 or -1 in each lane, and
// `condition ? a : b` chooses by lane. Products and sums are fused where the instruction set can (-ffp-contract=fast).
namespace CORE_SET {

constexpr u32 W = CORE_LANES;
typedef f32 Vec __attribute__((vector_size(4 * CORE_LANES)));
typedef i32 Bits __attribute__((vector_size(4 * CORE_LANES)));

inline Vec load(const f32* from) {
  Vec v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

inline void store(f32* to, Vec v) { __builtin_memcpy(to, &v, sizeof v); }

/// The first `lanes` lanes; no byte behind them is touched.
inline void store_first(f32* to, Vec v, u64 lanes) {
  if (lanes >= W) return store(to, v);
  f32 all[W];
  store(all, v);
  for (u64 i = 0; i < lanes; i++) to[i] = all[i];
}

inline Vec spread(f32 x) { return x - Vec{}; }

inline Vec root(Vec v) {
  Vec r;
  for (u32 i = 0; i < W; i++) r[i] = __builtin_sqrtf(v[i]);
  return r;
}

/// Lanes added from left to right, in double.
inline f64 sum(Vec v) {
  f64 total = 0;
  for (u32 i = 0; i < W; i++) total += v[i];
  return total;
}

/// Whether each of n numbers is finite. The bits of numbers without their sign are in the numbers' order: infinity and what is no
/// number come last. Compilers turn the loop into vectors.
inline bool all_finite(const f32* numbers, u64 n) {
  i32 largest = 0;
  for (u64 i = 0; i < n; i++) {
    i32 bits;
    __builtin_memcpy(&bits, numbers + i, 4);
    bits &= INT32_MAX;
    largest = bits > largest ? bits : largest;
  }
  return largest < 0x7f800000;
}

/// Zero where |v| < least. What fades away step by step would end in denormal numbers, which are a hundred times slower.
inline Vec settle(Vec v, f32 least) {
  const Vec size = (Vec)((Bits)v & INT32_MAX);
  return (Vec)((Bits)v & ~(size < least));
}

// A NaN in `v` passes through both.
inline Vec at_least(Vec v, f32 low) { return v < low ? spread(low) : v; }
inline Vec at_most(Vec v, f32 high) { return v > high ? spread(high) : v; }

}  // namespace CORE_SET
