#include "variant.hpp"

// The WebAssembly module: the same table as exported functions. Memory is shared; each helper is a worker that runs its own
// instance over it, on its own stack, and sleeps by memory.atomic.wait32.

namespace wasm { extern const CoreVariant variant; }

#define CORE_EXPORT(name) __attribute__((export_name(name)))

namespace {

void sleep_at(const uint32_t* word, uint32_t seen) { __builtin_wasm_memory_atomic_wait32((int*)word, (int)seen, -1); }
void wake_all(const uint32_t* word) { __builtin_wasm_memory_atomic_notify((int*)word, ~0u); }

const CoreHost host{sleep_at, wake_all};

}  // namespace

extern "C" {

extern char __heap_base;  // the linker's

CORE_EXPORT("heap") void* core_heap() { return &__heap_base; }
CORE_EXPORT("size") double core_size(const double* plan) { return (double)wasm::variant.size(plan); }
CORE_EXPORT("create") void core_create(const double* plan, void* memory) { wasm::variant.create(plan, memory, &host); }
CORE_EXPORT("ports") void core_ports(const void* memory, CorePorts* to) { wasm::variant.ports(memory, to); }
CORE_EXPORT("run")
int32_t core_run(void* memory, uint32_t mode, uint32_t rows, uint32_t weighted, double learning_rate, double iteration) {
  return wasm::variant.run(memory, mode, rows, weighted, learning_rate, iteration);
}
CORE_EXPORT("serve") void core_serve(void* memory) { wasm::variant.serve(memory); }
CORE_EXPORT("stop") void core_stop(void* memory) { wasm::variant.stop(memory); }
CORE_EXPORT("apply") void core_apply(uint32_t function, float* numbers, uint32_t n) { wasm::variant.apply(function, numbers, n); }
}
