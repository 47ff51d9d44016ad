"""Records training trajectories with Keras: the truth that `npm run parity -- --cases test/golden/more` replays.

usage: python test/golden/record.py [FOLDER]       (default: the folder "more" beside this file)
needs: pip install keras==3.15.1 tensorflow-cpu==2.21.0 numpy

For each case FOLDER/cases.json holds the model, its loss and its optimizer as arguments of Keras' constructors, and FOLDER/NAME.npz:
  x, y          the data
  order         the rows of each step's batch, [steps, batch]; a partial batch is padded with -1. Or a list of rows that is cut
                into batches of batch_size, anew at each pass over the data
  loss, metric  of each step's batch, before its update: [steps], [steps, metrics]
  initial_I, final_I   weight number I in Keras' order, before the first step and after the last
  prediction    of the first 16 rows, after the last step

test/golden/cases.json and its .npz are in the same format; they were recorded on the same versions.
"""
import json
import os
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
import tensorflow as tf

L = keras.layers
OPTIMIZERS = {
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "sgd": "SGD",
    "adagrad": "Adagrad",
}

SIGMOID = {"units": 1, "activation": "sigmoid"}
LINEAR = {"units": 1, "activation": "linear"}
WORDS = {"embedding": {"input_dim": 30, "output_dim": 5}, "lstm": [{"units": 6}], "output": SIGMOID}
NUMBERS = {"lstm": [{"units": 5}], "output": LINEAR}


def case(optimizer, model=WORDS, loss="binary_crossentropy", T=12, rows=40, batch=16, steps=12, **more):
    metrics = {"binary_crossentropy": ["accuracy"], "sparse_categorical_crossentropy": ["accuracy"]}
    features = {} if "embedding" in model else {"F": more.pop("F", 2)}
    return {
        **{"T": T, **features, "rows": rows, "batch_size": batch, "steps": steps, "loss": loss},
        **{"metrics": metrics.get(loss, ["mean_absolute_error"]), "optimizer": optimizer, "model": model},
        **more,
    }


def softmax(model, units):
    return {**model, "output": {"units": units, "activation": "softmax"}}


def masked(model, **embedding):
    return {**model, "embedding": {**model.get("embedding", WORDS["embedding"]), "mask_zero": True, **embedding}}


BIDIRECTIONAL = {"units": 4, "bidirectional": True}
CASES = {
    # optimizers: a learning rate large enough to tell one formula from another within a dozen steps
    "rmsprop_defaults": case({"type": "rmsprop"}),
    "rmsprop_momentum": case({"type": "rmsprop", "learning_rate": 0.003, "rho": 0.8, "momentum": 0.5}),
    "rmsprop_centered": case({"type": "rmsprop", "learning_rate": 0.002, "momentum": 0.6, "centered": True, "epsilon": 1e-5}),
    "rmsprop_clipnorm": case({"type": "rmsprop", "learning_rate": 0.003, "clipnorm": 0.02}),
    "rmsprop_clipvalue": case({"type": "rmsprop", "learning_rate": 0.003, "clipvalue": 0.0004}),
    "rmsprop_global_clipnorm": case({"type": "rmsprop", "learning_rate": 0.003, "global_clipnorm": 0.03}),
    "adam_defaults": case({"type": "adam"}),
    "adam_amsgrad_clipnorm": case({"type": "adam", "learning_rate": 0.01, "beta_2": 0.8, "amsgrad": True, "clipnorm": 0.05}),
    "adam_global_clipnorm": case({"type": "adam", "learning_rate": 0.01, "global_clipnorm": 0.01}),
    "adam_weight_decay": case({"type": "adam", "learning_rate": 0.01, "weight_decay": 0.1}),
    "adamw": case({"type": "adamw", "learning_rate": 0.01}),
    "adamw_clipvalue": case({"type": "adamw", "learning_rate": 0.01, "weight_decay": 0.05, "clipvalue": 0.001}),
    "nadam": case({"type": "nadam", "learning_rate": 0.01, "beta_1": 0.8}),
    "nadam_clipnorm": case({"type": "nadam", "clipnorm": 0.05, "weight_decay": 0.01}),
    "sgd": case({"type": "sgd", "learning_rate": 0.5}),
    "sgd_nesterov_clipvalue": case({"type": "sgd", "learning_rate": 0.3, "momentum": 0.9, "nesterov": True, "clipvalue": 0.01}),
    "sgd_momentum_weight_decay": case({"type": "sgd", "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.05, "clipnorm": 0.1}),
    "adagrad": case({"type": "adagrad", "learning_rate": 0.05}),
    "adagrad_small": case({"type": "adagrad", "learning_rate": 0.01, "initial_accumulator_value": 1e-6, "epsilon": 1e-4}),
    # losses and class weights
    "class_weight": case({"type": "adam", "learning_rate": 0.01}, class_weight={"0": 0.4, "1": 3.0}),
    "class_weight_softmax": case(
        {"type": "adam", "learning_rate": 0.01},
        softmax(WORDS, 3),
        "sparse_categorical_crossentropy",
        class_weight={"0": 0.5, "2": 2.5},
    ),
    "mean_absolute_error": case({"type": "sgd", "learning_rate": 0.1}, NUMBERS, "mean_absolute_error"),
    "huber": case({"type": "adam", "learning_rate": 0.02}, {**NUMBERS, "output": {"units": 3}}, "huber"),
    "squares_of_three": case({"type": "rmsprop", "learning_rate": 0.01}, {**NUMBERS, "output": {"units": 3}}, "mean_squared_error"),
    # layers
    "bidirectional_stacked": case(
        {"type": "adam", "learning_rate": 0.01}, {**WORDS, "lstm": [BIDIRECTIONAL, {"units": 3}, BIDIRECTIONAL]}
    ),
    "stacked_numbers": case({"type": "adam", "learning_rate": 0.01}, {**NUMBERS, "lstm": [{"units": 4}, {"units": 3}]}, "mean_squared_error"),
    "masked_bidirectional_stacked": case(
        {"type": "adam", "learning_rate": 0.02}, masked({**WORDS, "lstm": [BIDIRECTIONAL, {"units": 3}, BIDIRECTIONAL]}), zeros=True
    ),
    "masked_rmsprop": case({"type": "rmsprop", "learning_rate": 0.005, "clipnorm": 0.02}, masked(WORDS), zeros=True),
    "masked_softmax": case(
        {"type": "nadam", "learning_rate": 0.01}, masked(softmax(WORDS, 5)), "sparse_categorical_crossentropy", zeros=True
    ),
    "hidden_dense": case(
        {"type": "adam", "learning_rate": 0.01},
        {
            **WORDS,
            "dense": [
                {"units": 7, "activation": "tanh"},
                {"units": 6, "activation": "sigmoid"},
                {"units": 5, "activation": "relu"},
                {"units": 4},
            ],
        },
    ),
    # sizes of one, partial batches
    "units_of_one": case(
        {"type": "rmsprop", "learning_rate": 0.01},
        {**WORDS, "embedding": {"input_dim": 9, "output_dim": 1}, "lstm": [{"units": 1}, {"units": 1}], "dense": [{"units": 1}]},
    ),
    "one_timestep": case({"type": "adam", "learning_rate": 0.01}, {**WORDS, "lstm": [BIDIRECTIONAL, {"units": 3}]}, T=1),
    "one_timestep_masked": case({"type": "adam", "learning_rate": 0.01}, masked(WORDS), T=1, zeros=True),
    "batch_of_one": case({"type": "sgd", "learning_rate": 0.1, "momentum": 0.5}, rows=5, batch=1),
    "one_feature": case({"type": "adam", "learning_rate": 0.01}, NUMBERS, "mean_squared_error", F=1),
    "all_ones": case({"type": "nadam"}, {"lstm": [{"units": 1}], "output": LINEAR}, "huber", T=1, F=1, rows=1, batch=1, steps=5),
    "one_token": case({"type": "adam", "clipnorm": 0.01}, {**WORDS, "embedding": {"input_dim": 1, "output_dim": 2}}),
    "partial_batches": case({"type": "rmsprop", "learning_rate": 0.005}, rows=37, batch=10, steps=12),
    "partial_batches_list": case({"type": "adam", "learning_rate": 0.01}, rows=21, batch=8, steps=9, list=True),
}


def build(name, c):
    model = c["model"]
    shape = (c["T"],) if "embedding" in model else (c["T"], c["F"])
    net = [L.Input(shape)] + ([L.Embedding(**model["embedding"])] if "embedding" in model else [])
    for i, layer in enumerate(model["lstm"]):
        options = {k: v for k, v in layer.items() if k != "bidirectional"}
        lstm = L.LSTM(**options, return_sequences=i < len(model["lstm"]) - 1)
        net.append(L.Bidirectional(lstm) if layer.get("bidirectional") else lstm)
    net += [L.Dense(**d) for d in model.get("dense", [])] + [L.Dense(**model["output"])]
    net = keras.Sequential(net, name=name)
    options = {k: v for k, v in c["optimizer"].items() if k != "type"}
    net.compile(getattr(keras.optimizers, OPTIMIZERS[c["optimizer"]["type"]])(**options), c["loss"], metrics=c["metrics"])
    # Biases of zero and of one say little: let every weight be something.
    r = np.random.RandomState(7)
    net.set_weights([w + r.uniform(-0.1, 0.1, w.shape).astype("float32") for w in net.get_weights()])
    return net


def make_data(c, r):
    rows, T, model = c["rows"], c["T"], c["model"]
    if "embedding" in model:
        size = model["embedding"]["input_dim"]
        # Few tokens, drawn unevenly: rows of the embedding that occur often in one batch are where optimizers differ.
        x = np.minimum(r.geometric(0.15, (rows, T)) - 1, size - 1).astype("int32")
        if c.get("zeros"):
            x[r.uniform(size=x.shape) < 0.3] = 0
            x[: rows // 4, T // 2 :] = 0
            x[rows // 4 : rows // 2, : T // 2] = 0
            x[1::7] = 0
    else:
        x = r.normal(size=(rows, T, c["F"])).astype("float32")
    units = model["output"]["units"]
    if c["loss"] == "sparse_categorical_crossentropy":
        y = r.randint(0, units, (rows, 1)).astype("int32")
    elif c["loss"] == "binary_crossentropy":
        y = r.randint(0, 2, (rows, 1)).astype("float32")
    else:
        y = r.normal(scale=2, size=(rows, units)).astype("float32")
    return x, y


def make_batches(c, r):
    passes = []
    while sum(len(p) for p in passes) < c["steps"]:
        order = r.permutation(c["rows"])
        passes.append([order[i : i + c["batch_size"]] for i in range(0, c["rows"], c["batch_size"])])
    return [batch for p in passes for batch in p][: c["steps"]]


def record(name, c, seed, folder):
    keras.utils.set_random_seed(seed)
    r = np.random.RandomState(seed)
    net = build(name, c)
    (x, y), batches = make_data(c, r), make_batches(c, r)
    arrays = {f"initial_{i}": w for i, w in enumerate(net.get_weights())}
    weights = {int(k): v for k, v in c["class_weight"].items()} if "class_weight" in c else None
    values = []
    for batch in batches:
        net.reset_metrics()
        values.append(net.train_on_batch(x[batch], y[batch], class_weight=weights))
    values = np.array(values, "float64")
    padded = np.full((len(batches), c["batch_size"]), -1, "int32")
    for i, batch in enumerate(batches):
        padded[i, : len(batch)] = batch
    arrays.update({f"final_{i}": w for i, w in enumerate(net.get_weights())})
    order = np.concatenate(batches).astype("int32") if c.get("list") else padded
    arrays.update(x=x, y=y, order=order, loss=values[:, 0], metric=values[:, 1:], prediction=net.predict(x[:16], verbose=0))
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **arrays)
    recorded = {k: v for k, v in c.items() if k not in ("rows", "zeros", "list")}
    return {**recorded, "weights": [w.path for w in net.weights]}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "more")
    os.makedirs(folder, exist_ok=True)
    cases = {name: record(name, c, seed, folder) for seed, (name, c) in enumerate(CASES.items(), 100)}
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump({"keras": keras.__version__, "tensorflow": tf.__version__, "cases": cases}, file, indent=1)
        file.write("\n")


main()
