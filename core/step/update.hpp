#pragma once
#include "step/call.hpp"
#include "step/optimizer.hpp"

// The last rounds of a step: clipping, weight decay and the optimizer, over slices of all weights.
namespace CORE_SET {

/// Numbers [from, to) of all weights; never of two arrays.
struct WeightSlice {
  u32 array;
  u64 from, to;
};

/// Slice number `n`, or an empty one past the end. Arrays are cut one after the other.
inline WeightSlice weight_slice(const Weights& w, u32 n) {
  u32 array = 0;
  for (; array < w.count; array++) {
    const u32 cuts = (u32)quotient_up(w.length_of(array), update_slice);
    if (n < cuts) break;
    n -= cuts;
  }
  if (array == w.count) return {array, 0, 0};
  const u64 start = w.arrays[array].offset, from = start + n * update_slice;
  return {array, from, smaller(from + update_slice, start + w.length_of(array))};
}

inline u32 slice_count(const Weights& w) {
  u32 count = 0;
  for (u32 i = 0; i < w.count; i++) count += (u32)quotient_up(w.length_of(i), update_slice);
  return count;
}

inline Vec square_at(const Weights& w, u64 i, Vec g) { return w.has_squares(i) ? load(w.squares + i) : g * g; }

/// For each slice the sum of its squared gradients.
inline void measure_round(Model& m) {
  m.pool.run(slice_count(m.weights), [&](u32 n) {
    const WeightSlice s = weight_slice(m.weights, n);
    f64 total = 0;
    for (u64 i = s.from; i < s.to; i += W) total += sum(square_at(m.weights, i, load(m.weights.gradient + i)));
    m.partial_squares[n] = total;
  });
}

/// The sum over the slices of one array, or of all.
inline f64 sum_of_squares(const Model& m, bool of_all, u32 array) {
  f64 total = 0;
  for (u32 n = 0; n < slice_count(m.weights); n++)
    if (of_all || weight_slice(m.weights, n).array == array) total += m.partial_squares[n];
  return total;
}

/// What an array's gradient is multiplied with: limit / max(norm, limit); an infinite norm gives NaN, as in Keras.
inline f32 clip_scale(const Model& m, u32 array) {
  const OptimizerPlan& o = m.plan.optimizer;
  if (o.clip != Clip::norm && o.clip != Clip::global_norm) return 1;
  const f64 norm = __builtin_sqrt(sum_of_squares(m, o.clip == Clip::global_norm, array));
  return (f32)((norm > o.clip_limit ? o.clip_limit / norm : 1) + (norm - norm));
}

inline void update_slice_of(Model& m, const WeightSlice& s, const StepFactors& factors) {
  const Weights& w = m.weights;
  const OptimizerPlan& o = m.plan.optimizer;
  const f32 scale = clip_scale(m, s.array), limit = o.clip == Clip::value ? (f32)o.clip_limit : __builtin_inff();
  for (u64 i = s.from; i < s.to; i += W) {
    Vec g = load(w.gradient + i) * scale, q = g * g, slot[max_slots];
    if (w.has_squares(i)) {
      if (o.clip != Clip::global_norm) q = load(w.squares + i) * (scale * scale);  // that one adds occurrences up
      store(w.gradient + i, Vec{}), store(w.squares + i, Vec{});
    } else if (o.clip == Clip::value) {
      g = at_least(at_most(g, limit), -limit);
      q = g * g;
    }
    const Vec value = load(w.values + i);
    for (u32 k = 0; k < w.slot_count; k++) slot[k] = load(w.slots[k] + i);
    const Vec change = update(o.rule, o.option, factors, g, q, slot);
    for (u32 k = 0; k < w.slot_count; k++) store(w.slots[k] + i, settle(slot[k], 1e-37f));
    store(w.values + i, value - value * factors.shrink - change);
  }
}

inline void update_round(Model& m, const Call& call) {
  const Clip clip = m.plan.optimizer.clip;
  if (clip == Clip::norm || clip == Clip::global_norm) measure_round(m);
  const StepFactors factors = step_factors(m.plan.optimizer, call.learning_rate, call.iteration);
  m.pool.run(slice_count(m.weights), [&](u32 n) { update_slice_of(m, weight_slice(m.weights, n), factors); });
}

}  // namespace CORE_SET
