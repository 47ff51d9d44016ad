#pragma once
#include <stdint.h>
#include <string.h>

#include "variant.hpp"

// The instruction sets that the addon was compiled for, and those of them that this processor has.

#if defined(__x86_64__)
namespace sse2 { extern const CoreVariant variant; }
namespace avx2 { extern const CoreVariant variant; }
namespace avx512 { extern const CoreVariant variant; }
#else
namespace neon { extern const CoreVariant variant; }
#endif

/// The best first.
struct Set {
  const CoreVariant* variant;
  bool supported;
};

constexpr uint32_t set_count_at_most = 3;

inline uint32_t list_sets(Set sets[set_count_at_most]) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512bw");
  sets[0] = {&avx512::variant, wide};
  sets[1] = {&avx2::variant, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")};
  sets[2] = {&sse2::variant, true};
  return 3;
#else
  sets[0] = {&neon::variant, true};
  return 1;
#endif
}

inline const CoreVariant* find_set(const char* name) {
  Set sets[set_count_at_most];
  const uint32_t count = list_sets(sets);
  for (uint32_t i = 0; i < count; i++)
    if (sets[i].supported && strcmp(sets[i].variant->name, name) == 0) return sets[i].variant;
  return nullptr;
}
