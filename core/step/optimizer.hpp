#pragma once
#include "numbers/vector.hpp"
#include "plan.hpp"

// Keras' optimizers, keras/src/optimizers/*.py. w: weight, g: gradient, q: its square (of an embedding: the sum of its
// occurrences' squares), m, v, ...: the optimizer's slots.
namespace CORE_SET {

/// What a rule needs at step t = iteration + 1, in the precision in which Keras has it.
struct StepFactors {
  f32 rate;                      // adam: times sqrt(1 - beta_2^t) / (1 - beta_1^t)
  f32 decay_1, decay_2;          // rmsprop: rho; adam, nadam: beta_1, beta_2
  f32 keep_1, keep_2;            // 1 - decay
  f32 epsilon, momentum;
  f32 momentum_share, gradient_share, velocity_scale;  // nadam
  f32 shrink;                    // learning rate * weight decay
};

inline f64 power(f64 base, u64 exponent) {
  f64 result = 1;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

/// u_t = beta_1 (1 - 0.96^t / 2). m_hat = u_t+1 m / (1 - u_1 .. u_t+1) + (1 - u_t) g / (1 - u_1 .. u_t)
inline void nadam_factors(StepFactors& f, u64 t) {
  const f64 beta = f.decay_1;
  const f64 u = beta * (1 - 0.5 * power(0.96, t)), u_next = beta * (1 - 0.5 * power(0.96, t + 1));
  f64 product = 1, decay = 1;
  for (u64 i = 1; i <= t && product > 1e-45; i++) product *= beta * (1 - 0.5 * (decay *= 0.96));
  f.momentum_share = (f32)(u_next / (1 - product * u_next));
  f.gradient_share = (f32)((1 - u) / (1 - product));
  f.velocity_scale = (f32)(1 / (1 - power(f.decay_2, t)));
}

inline StepFactors step_factors(const OptimizerPlan& o, f64 learning_rate, u64 iteration) {
  StepFactors f{};
  const u64 t = iteration + 1;
  f.rate = (f32)learning_rate;
  f.decay_1 = (f32)o.decay_1, f.decay_2 = (f32)o.decay_2;
  f.keep_1 = (f32)(1 - o.decay_1), f.keep_2 = (f32)(1 - o.decay_2);
  f.epsilon = (f32)o.epsilon, f.momentum = (f32)o.momentum;
  f.shrink = (f32)(learning_rate * o.weight_decay);
  if (o.rule == Rule::adam) f.rate = (f32)(learning_rate * __builtin_sqrt(1 - power(f.decay_2, t)) / (1 - power(f.decay_1, t)));
  if (o.rule == Rule::nadam) nadam_factors(f, t);
  return f;
}

inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }

/// Returns what is subtracted from w.
inline Vec update(Rule rule, bool option, const StepFactors& f, Vec g, Vec q, Vec* slot) {
  switch (rule) {
    case Rule::rmsprop: {  // v = rho v + (1 - rho) g^2;  g / sqrt(v + epsilon), centered: v - average^2
      Vec& v = slot[0];
      v = f.decay_1 * v + f.keep_1 * q;
      Vec below = v + f.epsilon;
      if (option) {
        Vec& average = slot[f.momentum > 0 ? 2 : 1];
        average = f.decay_1 * average + f.keep_1 * g;
        below = v - average * average + f.epsilon;
      }
      const Vec change = f.rate * g / root(below);
      if (!(f.momentum > 0)) return change;
      return slot[1] = f.momentum * slot[1] + change;
    }
    case Rule::adam: {  // m += (g - m)(1 - beta_1);  v += (g^2 - v)(1 - beta_2);  m / (sqrt(v) + epsilon)
      slot[0] += (g - slot[0]) * f.keep_1;
      slot[1] += (q - slot[1]) * f.keep_2;
      if (option) slot[2] = larger(slot[2], slot[1]);
      return slot[0] * f.rate / (root(slot[option ? 2 : 1]) + f.epsilon);
    }
    case Rule::nadam: {
      slot[0] += (g - slot[0]) * f.keep_1;
      slot[1] += (q - slot[1]) * f.keep_2;
      const Vec m = f.momentum_share * slot[0] + f.gradient_share * g;
      return m * f.rate / (root(slot[1] * f.velocity_scale) + f.epsilon);
    }
    case Rule::sgd: {  // m = momentum m - rate g;  nesterov: momentum m - rate g once more
      if (f.momentum == 0) return g * f.rate;
      slot[0] = slot[0] * f.momentum - g * f.rate;
      return option ? g * f.rate - slot[0] * f.momentum : -slot[0];
    }
    default: {  // adagrad: a += g^2;  g / sqrt(a + epsilon)
      slot[0] += q;
      return f.rate * g / root(slot[0] + f.epsilon);
    }
  }
}

}  // namespace CORE_SET
