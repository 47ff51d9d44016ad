#pragma once
#include <stdint.h>

// What the core shows to its hosts, the Node addon and WebAssembly: one table for each instruction set.
extern "C" {

/// How a thread sleeps until *word may have changed from `seen`, and how all sleepers at a word are woken.
struct CoreHost {
  void (*sleep)(const uint32_t* word, uint32_t seen);
  void (*wake)(const uint32_t* word);
};

/// Offsets in bytes from the start of the model's memory.
struct CorePorts {
  double tokens, numbers, targets, sample_weights, masks, outputs, loss, weights, slots[3];
  /// From here on everything is private.
  double end;
};

struct CoreVariant {
  const char* name;
  uint32_t lanes;
  /// Bytes that a model needs, at a multiple of 64 and zeroed.
  uint64_t (*size)(const double* plan);
  void (*create)(const double* plan, void* memory, const CoreHost* host);
  void (*ports)(const void* memory, CorePorts* ports);
  /// mode: 0 predict, 1 evaluate, 2 train. Returns 0; or, with the weights as they were, 1 for a token outside the vocabulary,
  /// 2 for a label that is no class, 3 for an input that is not finite.
  int32_t (*run)(void* memory, uint32_t mode, uint32_t rows, uint32_t weighted, double learning_rate, double iteration);
  /// A helper thread's life; returns after `stop`.
  void (*serve)(void* memory);
  void (*stop)(void* memory);
  /// Applies exp (0), tanh (1), sigmoid (2) or log (3) to n numbers in place, n a multiple of 16. For tests.
  void (*apply)(uint32_t function, float* numbers, uint32_t n);
};
}
