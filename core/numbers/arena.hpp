#pragma once
#include "numbers/types.hpp"

namespace CORE_SET {

/// Hands out parts of one block of zeroed memory, once, when a model is laid out. Over a null block it only measures.
struct Arena {
  char* base;
  u64 used = 0;

  template <typename T>
  T* take(u64 count) {
    T* part = base ? (T*)(base + used) : nullptr;
    used += multiple_up(count * sizeof(T), 64);
    return part;
  }
};

}  // namespace CORE_SET
