#include <node_api.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "variant.hpp"

// The Node addon: memory, threads and the choice of the instruction set. Alone among these files it uses the C library.
// JavaScript sees: sets(), open(set, plan, threads), run(model, ...), close(model), apply(set, function, numbers).

#if defined(__x86_64__)
namespace sse2 { extern const CoreVariant variant; }
namespace avx2 { extern const CoreVariant variant; }
namespace avx512 { extern const CoreVariant variant; }
#else
namespace neon { extern const CoreVariant variant; }
#endif

namespace {

/// The best first.
struct Set {
  const CoreVariant* variant;
  bool supported;
};

constexpr uint32_t set_count_at_most = 3;

uint32_t list_sets(Set sets[set_count_at_most]) {
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

const CoreVariant* find_set(const char* name) {
  Set sets[set_count_at_most];
  const uint32_t count = list_sets(sets);
  for (uint32_t i = 0; i < count; i++)
    if (sets[i].supported && strcmp(sets[i].variant->name, name) == 0) return sets[i].variant;
  return nullptr;
}

// One mutex and one condition serve all sleepers of the process: threads sleep when there is nothing to do.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void sleep_at(const uint32_t* word, uint32_t seen) {
  pthread_mutex_lock(&mutex);
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == seen) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
}

void wake_all(const uint32_t*) {
  pthread_mutex_lock(&mutex);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
}

const CoreHost host{sleep_at, wake_all};

constexpr uint32_t threads_at_most = 256;

/// Zeroed memory. Where the system has large pages it is asked for them: a step touches every page many times.
void* allocate(uint64_t bytes) {
  constexpr uint64_t page = 2 << 20;
  void* memory = nullptr;
  if (posix_memalign(&memory, page, (bytes + page - 1) / page * page) != 0) return nullptr;
#if defined(__linux__)
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memset(memory, 0, bytes);
}

/// One open model: its memory and its helper threads.
struct Open {
  const CoreVariant* set;
  void* memory;
  uint32_t helpers;
  pthread_t threads[threads_at_most];
};

void* serve(void* open) {
  ((Open*)open)->set->serve(((Open*)open)->memory);
  return nullptr;
}

void close_model(Open* open) {
  if (!open->memory) return;
  open->set->stop(open->memory);
  for (uint32_t i = 0; i < open->helpers; i++) pthread_join(open->threads[i], nullptr);
  free(open->memory);
  open->memory = nullptr;
}

void finalize(napi_env, void* open, void*) {
  close_model((Open*)open);
  free(open);
}

napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

struct Arguments {
  napi_value at[6];
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = 6;
    napi_get_cb_info(env, info, &count, at, nullptr, nullptr);
  }
};

double number(napi_env env, napi_value value) {
  double x = 0;
  napi_get_value_double(env, value, &x);
  return x;
}

const CoreVariant* set_named(napi_env env, napi_value value) {
  char name[16] = "";
  size_t length;
  napi_get_value_string_utf8(env, value, name, sizeof name, &length);
  return find_set(name);
}

Open* open_model_of(napi_env env, napi_value value) {
  void* open = nullptr;
  napi_get_value_external(env, value, &open);
  return (Open*)open;
}

/// Threads that cannot be started are done without: results do not depend on their number.
Open* start(const CoreVariant* set, const double* plan, uint32_t threads) {
  Open* open = (Open*)calloc(1, sizeof(Open));
  void* memory = open ? allocate(set->size(plan)) : nullptr;
  if (!memory) return free(open), nullptr;
  open->set = set, open->memory = memory;
  set->create(plan, open->memory, &host);
  for (uint32_t i = 1; i < threads && i < threads_at_most; i++)
    if (pthread_create(&open->threads[open->helpers], nullptr, serve, open) == 0) open->helpers++;
  return open;
}

napi_value sets(napi_env env, napi_callback_info) {
  Set all[set_count_at_most];
  const uint32_t count = list_sets(all);
  napi_value list, name;
  napi_create_array(env, &list);
  for (uint32_t i = 0, n = 0; i < count; i++) {
    if (!all[i].supported) continue;
    napi_value entry, lanes;
    napi_create_object(env, &entry);
    napi_create_string_utf8(env, all[i].variant->name, NAPI_AUTO_LENGTH, &name);
    napi_create_uint32(env, all[i].variant->lanes, &lanes);
    napi_set_named_property(env, entry, "name", name);
    napi_set_named_property(env, entry, "lanes", lanes);
    napi_set_element(env, list, n++, entry);
  }
  return list;
}

/// open(set, plan: Float64Array, threads) -> { model, memory: ArrayBuffer, ports: Float64Array }
napi_value open(napi_env env, napi_callback_info info) {
  const Arguments argument(env, info);
  const CoreVariant* set = set_named(env, argument.at[0]);
  if (!set) return fail(env, "this processor has no such instruction set");
  void* plan = nullptr;
  napi_get_typedarray_info(env, argument.at[1], nullptr, nullptr, &plan, nullptr, nullptr);
  Open* opened = start(set, (const double*)plan, (uint32_t)number(env, argument.at[2]));
  if (!opened) return fail(env, "not enough memory for a model of this size");
  CorePorts ports;
  set->ports(opened->memory, &ports);
  napi_value result, model, memory, buffer, list;
  void* copy;
  napi_create_object(env, &result);
  napi_create_external(env, opened, finalize, nullptr, &model);
  napi_create_external_arraybuffer(env, opened->memory, (size_t)ports.end, nullptr, nullptr, &memory);
  napi_create_arraybuffer(env, sizeof ports, &copy, &buffer);
  memcpy(copy, &ports, sizeof ports);
  napi_create_typedarray(env, napi_float64_array, sizeof ports / sizeof(double), buffer, 0, &list);
  napi_set_named_property(env, result, "model", model);
  napi_set_named_property(env, result, "memory", memory);
  napi_set_named_property(env, result, "ports", list);
  return result;
}

/// run(model, mode, rows, weighted, learning rate, iteration) -> outcome
napi_value run(napi_env env, napi_callback_info info) {
  const Arguments argument(env, info);
  Open* opened = open_model_of(env, argument.at[0]);
  if (!opened || !opened->memory) return fail(env, "the model is closed");
  const auto at = [&](int i) { return number(env, argument.at[i]); };
  const int32_t outcome = opened->set->run(opened->memory, (uint32_t)at(1), (uint32_t)at(2), (uint32_t)at(3), at(4), at(5));
  napi_value result;
  napi_create_int32(env, outcome, &result);
  return result;
}

/// close(model, memory): the memory is detached.
napi_value close(napi_env env, napi_callback_info info) {
  const Arguments argument(env, info);
  if (Open* opened = open_model_of(env, argument.at[0])) {
    napi_detach_arraybuffer(env, argument.at[1]);
    close_model(opened);
  }
  return nullptr;
}

/// apply(set, function, numbers: Float32Array)
napi_value apply(napi_env env, napi_callback_info info) {
  const Arguments argument(env, info);
  const CoreVariant* set = set_named(env, argument.at[0]);
  if (!set) return fail(env, "this processor has no such instruction set");
  void* numbers = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, argument.at[2], nullptr, &length, &numbers, nullptr, nullptr);
  set->apply((uint32_t)number(env, argument.at[1]), (float*)numbers, (uint32_t)length);
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback call;
  } all[] = {{"sets", sets}, {"open", open}, {"run", run}, {"close", close}, {"apply", apply}};
  for (const auto& f : all) {
    napi_value value;
    napi_create_function(env, f.name, NAPI_AUTO_LENGTH, f.call, nullptr, &value);
    napi_set_named_property(env, exports, f.name, value);
  }
  return exports;
}
