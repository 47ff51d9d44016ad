"""Records training trajectories with the dropout masks that Keras drew: `npm run parity -- --cases test/golden/dropout` replays them.

usage: python test/golden/dropout/record.py [FOLDER]       (default: the folder of this file)
needs: pip install keras==3.15.1 tensorflow-cpu==2.21.0 numpy

Runs eagerly; Keras' dropout is replaced by one that draws its mask from numpy and keeps it, so that masks are recorded in the order of the calls:
for each direction of an LSTM layer those of the inputs, then those of the state; with recurrent dropout four of each, for the gates i, f, c, o.
FOLDER/index.json holds for each case the model (c), the optimizer (opt), the sizes T, V and E, the loss of each step, and shape and rate of each
step's masks (info). FOLDER/NAME.npz holds x, y, order_STEP (rows of the batch), mask_STEP_CALL, and initial_I and final_I (weights in Keras' order).
"""
import json
import os
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
from keras.src import backend

L = keras.layers
T, ROWS, BATCH, STEPS, V, E = 10, 40, 16, 10, 30, 5
BOTH = {"dropout": 0.3, "recurrent_dropout": 0.4}
CASES = {
    "lstm_both": {"lstm": [{"units": 6, **BOTH}]},
    "lstm_input": {"lstm": [{"units": 6, "dropout": 0.5}]},
    "lstm_recurrent_masked": {"mask": True, "lstm": [{"units": 6, "recurrent_dropout": 0.5}]},
    "bi_both_masked": {"mask": True, "lstm": [{"units": 4, **BOTH, "bidirectional": True}]},
    "bi_stack_masked": {
        "mask": True,
        "lstm": [
            {"units": 4, **BOTH, "bidirectional": True},
            {"units": 5, "dropout": 0.2},
            {"units": 3, "recurrent_dropout": 0.6, "bidirectional": True},
        ],
    },
    "stack_dense": {
        "lstm": [{"units": 4, "dropout": 0.25, "recurrent_dropout": 0.25}, {"units": 3, "dropout": 0.5, "recurrent_dropout": 0.1}],
        "dense": [{"units": 5, "activation": "relu", "dropout": 0.5}, {"units": 4, "activation": "tanh", "dropout": 0.3}],
    },
    "rate_095": {"lstm": [{"units": 8, "dropout": 0.95, "recurrent_dropout": 0.95}]},
    "clip_masked": {
        "mask": True,
        "opt": {"type": "adam", "learning_rate": 0.01, "global_clipnorm": 0.02},
        "lstm": [{"units": 6, "dropout": 0.4, "recurrent_dropout": 0.4}],
    },
}
OPTIMIZERS = {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}
masks, rng = [], np.random.RandomState()


def recorded_dropout(inputs, rate, noise_shape=None, seed=None):
    shape = tuple(int(size) for size in inputs.shape)
    mask = (rng.uniform(size=shape) >= rate).astype("float32") / np.float32(1 - rate)
    masks.append((shape, rate, mask))
    return inputs * mask


backend.random.dropout = recorded_dropout


def build(c, optimizer, r):
    net = [L.Input((T,)), L.Embedding(V, E, mask_zero=c.get("mask", False))]
    for i, layer in enumerate(c["lstm"]):
        options = {k: v for k, v in layer.items() if k != "bidirectional"}
        lstm = L.LSTM(**options, return_sequences=i < len(c["lstm"]) - 1)
        net.append(L.Bidirectional(lstm) if layer.get("bidirectional") else lstm)
    for d in c.get("dense", []):
        net += [L.Dense(d["units"], activation=d["activation"]), L.Dropout(d["dropout"])]
    net = keras.Sequential([*net, L.Dense(1, activation="sigmoid")])
    options = {k: v for k, v in optimizer.items() if k != "type"}
    net.compile(OPTIMIZERS[optimizer["type"]](**options), "binary_crossentropy", run_eagerly=True)
    net.set_weights([w + r.uniform(-0.1, 0.1, w.shape).astype("float32") for w in net.get_weights()])
    return net


def record(name, c, number, folder):
    rng.seed(100 + number)
    r = np.random.RandomState(number)
    keras.utils.set_random_seed(number)
    optimizer = c.get("opt", {"type": "rmsprop", "learning_rate": 0.003})
    net = build(c, optimizer, r)
    x = np.minimum(r.geometric(0.15, (ROWS, T)) - 1, V - 1).astype("int32")
    if c.get("mask"):
        x[r.uniform(size=x.shape) < 0.2] = 0
        x[:8, :5] = 0
        x[1::7] = 0
    y = r.randint(0, 2, (ROWS, 1)).astype("float32")
    arrays = {f"initial_{i}": w for i, w in enumerate(net.get_weights())}
    losses, info = [], []
    for step in range(STEPS):
        batch = r.permutation(ROWS)[: BATCH if step % 3 else BATCH - 3]
        masks.clear()
        losses.append(float(np.ravel(net.train_on_batch(x[batch], y[batch]))[0]))
        arrays.update({f"mask_{step}_{call}": mask for call, (_, _, mask) in enumerate(masks)})
        arrays[f"order_{step}"] = batch.astype("int32")
        info.append([(list(shape), rate) for shape, rate, _ in masks])
    arrays.update({f"final_{i}": w for i, w in enumerate(net.get_weights())}, x=x, y=y)
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **arrays)
    return {"c": c, "opt": optimizer, "T": T, "V": V, "E": E, "steps": STEPS, "losses": losses, "info": info}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    index = {name: record(name, c, number, folder) for number, (name, c) in enumerate(CASES.items())}
    with open(os.path.join(folder, "index.json"), "w") as file:
        json.dump(index, file)
        file.write("\n")


main()
