#include <node_api.h>

#include "hosts/native_model.hpp"
#include "hosts/native_sets.hpp"

// The Node addon. JavaScript sees: sets(), open(set, plan, threads), run(model, ...), close(model, memory), apply(set, function, numbers).
// The files called native* are alone in using the C library.

namespace {

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
