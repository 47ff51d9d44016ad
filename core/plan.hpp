#pragma once
#include "numbers/types.hpp"

// The model as numbers, in the order in which src/engines/core/description.ts writes them.
namespace CORE_SET {

constexpr u32 max_layers = 8;

enum class Activation { linear, relu, sigmoid, tanh, softmax };
enum class Loss { binary_crossentropy, sparse_categorical_crossentropy, mean_squared_error, mean_absolute_error, huber };
enum class Rule { rmsprop, adam, nadam, sgd, adagrad };
enum class Clip { none, value, norm, global_norm };

struct LstmPlan {
  u32 inputs, units, directions;
  bool returns_sequences, drops_inputs, drops_recurrent;
  u32 outputs() const { return units * directions; }
};

struct DensePlan {
  u32 inputs, units;
  Activation activation;
  bool drops_outputs;
};

struct OptimizerPlan {
  Rule rule;
  /// rmsprop: rho. adam, nadam: beta_1, beta_2.
  f64 decay_1, decay_2;
  f64 epsilon, momentum, initial_accumulator;
  /// rmsprop: centered. adam: amsgrad. sgd: nesterov.
  bool option;
  Clip clip;
  f64 clip_limit, weight_decay;
};

constexpr u32 max_slots = 3;

/// Arrays of the size of the weights that a rule keeps from step to step.
inline u32 slot_count(const OptimizerPlan& o) {
  switch (o.rule) {
    case Rule::rmsprop: return 1 + (o.momentum > 0) + o.option;  // velocity, momentum, average gradient
    case Rule::adam: return 2 + o.option;                        // momentum, velocity, largest velocity
    case Rule::nadam: return 2;                                  // momentum, velocity
    case Rule::sgd: return o.momentum != 0;                      // momentum
    default: return 1;                                           // accumulator
  }
}

struct Plan {
  u32 max_rows, timesteps;
  /// Tokens: rows of the embedding; 0 for numeric input.
  u32 vocabulary;
  /// Width of a time step as the first LSTM sees it.
  u32 features;
  bool masks_zero;
  u32 lstm_count, dense_count;  // dense[dense_count - 1] is the output layer
  LstmPlan lstm[max_layers];
  DensePlan dense[max_layers + 1];
  Loss loss;
  OptimizerPlan optimizer;
  const DensePlan& output() const { return dense[dense_count - 1]; }
  bool has_tokens() const { return vocabulary > 0; }
};

inline Plan read_plan(const f64* number) {
  const auto next = [&] { return *number++; };
  const auto count = [&] { return (u32)next(); };
  const auto flag = [&] { return next() != 0; };
  Plan p;
  p.max_rows = count(), p.timesteps = count(), p.vocabulary = count(), p.features = count(), p.masks_zero = flag();
  p.lstm_count = count();
  for (u32 i = 0; i < p.lstm_count; i++) {
    LstmPlan& l = p.lstm[i];
    l.inputs = count(), l.units = count(), l.directions = count();
    l.returns_sequences = flag(), l.drops_inputs = flag(), l.drops_recurrent = flag();
  }
  p.dense_count = count();
  for (u32 i = 0; i < p.dense_count; i++) {
    DensePlan& d = p.dense[i];
    d.inputs = count(), d.units = count(), d.activation = (Activation)count(), d.drops_outputs = flag();
  }
  p.loss = (Loss)count();
  OptimizerPlan& o = p.optimizer;
  o.rule = (Rule)count(), o.decay_1 = next(), o.decay_2 = next(), o.epsilon = next(), o.momentum = next();
  o.initial_accumulator = next(), o.option = flag();
  o.clip = (Clip)count(), o.clip_limit = next(), o.weight_decay = next();
  return p;
}

}  // namespace CORE_SET
