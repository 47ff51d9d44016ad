#include "variant.hpp"
#include "step/step.hpp"

// Compiled once for each instruction set: CORE_SET names it, CORE_LANES is the length of its vectors
// and CORE_SUMS how many of them a matrix product keeps in registers.
namespace CORE_SET {
namespace {

Model& at(void* memory) { return *(Model*)memory; }

/// Lays out a model at `memory`; over null it only measures. Returns the bytes used.
uint64_t lay_out_at(Model& m, void* memory) {
  Arena arena{(char*)memory, multiple_up(sizeof(Model), 64)};
  lay_out(m, arena);
  return arena.used;
}

uint64_t size(const double* plan) {
  Model m{};
  m.plan = read_plan(plan);
  return lay_out_at(m, nullptr);
}

void create(const double* plan, void* memory, const CoreHost* host) {
  Model& m = at(memory);
  m.plan = read_plan(plan);
  m.pool.host = host;
  lay_out_at(m, memory);
  if (m.plan.optimizer.rule != Rule::adagrad) return;
  for (u32 i = 0; i < m.weights.count; i++) {
    const WeightArray& a = m.weights.arrays[i];
    for (u64 j = 0; j < a.rows * a.columns; j++) m.weights.slots[0][a.offset + j] = (f32)m.plan.optimizer.initial_accumulator;
  }
}

void ports(const void* memory, CorePorts* to) {
  const Model& m = *(const Model*)memory;
  const auto offset = [&](const void* p) { return p ? (double)((const char*)p - (const char*)memory) : 0; };
  const Ports& p = m.ports;
  *to = {offset(p.tokens), offset(p.numbers), offset(p.targets), offset(p.sample_weights), offset(p.masks), offset(p.outputs),
         offset(p.loss), offset(m.weights.values), {}, offset(m.weights.gradient)};
  for (u32 i = 0; i < max_slots; i++) to->slots[i] = offset(m.weights.slots[i]);
}

int32_t run_call(void* memory, uint32_t mode, uint32_t rows, uint32_t weighted, double learning_rate, double iteration) {
  return (int32_t)run(at(memory), {(Mode)mode, rows, weighted != 0, learning_rate, (u64)iteration});
}

void serve(void* memory) { at(memory).pool.serve(); }
void stop(void* memory) { at(memory).pool.stop(); }

void apply(uint32_t function, float* numbers, uint32_t n) {
  for (u32 i = 0; i < n; i += W) {
    const Vec x = load(numbers + i);
    store(numbers + i, function == 0 ? exp(x) : function == 1 ? tanh(x) : function == 2 ? sigmoid(x) : log(x));
  }
}

}  // namespace

#define CORE_TEXT(name) #name
#define CORE_NAME(name) CORE_TEXT(name)
extern const CoreVariant variant;
const CoreVariant variant{CORE_NAME(CORE_SET), W, size, create, ports, run_call, serve, stop, apply};

}  // namespace CORE_SET
