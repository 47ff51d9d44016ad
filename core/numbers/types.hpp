#pragma once
#include <stddef.h>
#include <stdint.h>

// Every translation unit is compiled for one instruction set and puts its code into a namespace of that name, so that the
// linker never takes one set's inline function for another's.
namespace CORE_SET {

using u32 = uint32_t;
using u64 = uint64_t;
using i32 = int32_t;
using f32 = float;
using f64 = double;

/// A number known to the compiler, passed as a value: the size of a tile.
template <u32 N>
struct Number {
  static constexpr u32 value = N;
};

constexpr u64 smaller(u64 a, u64 b) { return a < b ? a : b; }
constexpr u64 larger(u64 a, u64 b) { return a < b ? b : a; }
constexpr u64 quotient_up(u64 a, u64 b) { return (a + b - 1) / b; }
constexpr u64 multiple_up(u64 a, u64 b) { return quotient_up(a, b) * b; }

}  // namespace CORE_SET
