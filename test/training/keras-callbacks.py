"""Records what Keras' callbacks do, epoch by epoch: python keras-callbacks.py > keras-callbacks.json

Keras 3.15.1 with TensorFlow 2.21. Values are multiples of 1/64, some moved by less than a float32 can tell; null is NaN.
"""

import json
import math
import random

import keras

EPOCHS = 14


class Model:
    """As much of a model as the callbacks touch."""

    def __init__(self, learning_rate):
        accuracy = keras.metrics.BinaryAccuracy(name="accuracy")
        error = keras.metrics.MeanAbsoluteError()
        compiled = keras.src.trainers.compile_utils.MetricsList([accuracy, error], output_name=None)
        self.metrics = [compiled]
        self.optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
        self.stop_training = False
        self.epoch = None
        self.restored = None
        self.saved = []

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.restored = weights

    def save(self, path, overwrite):
        self.saved.append(self.epoch)


def run(callback, model, monitor, values):
    """Epochs count from 1. Stops where the callback stops."""
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        model.epoch = epoch + 1
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {monitor: math.nan if value is None else value})
        rates.append(float(model.optimizer.learning_rate.numpy()))
        if model.stop_training:
            break
    callback.on_train_end()
    return rates


def values(draw):
    level = draw.randrange(32, 96)
    result = []
    for epoch in range(EPOCHS):
        level += draw.choice([-3, -1, 0, 0, 1, 2])
        value = level / 64 * (1 + draw.choice([0, 0, 0, 1e-12, -1e-12]))
        result.append(None if epoch > 0 and draw.random() < 0.06 else value)
    return result


def early_stopping(draw):
    monitor = draw.choice(["val_loss", "loss", "val_accuracy", "accuracy", "val_mean_absolute_error"])
    options = {"patience": draw.randrange(5), "min_delta": draw.choice([0, 0, 1 / 64, 0.02])}
    model, given = Model(0.1), values(draw)
    rates = run(keras.callbacks.EarlyStopping(monitor, restore_best_weights=True, **options), model, monitor, given)
    return {"monitor": monitor, **options, "values": given, "epochs": len(rates), "stopped": model.stop_training, "restored": model.restored}


def plateau(draw):
    monitor = draw.choice(["val_loss", "accuracy"])
    options = {
        "factor": draw.choice([0.1, 0.5, 0.3]),
        "patience": draw.randrange(4),
        "min_delta": draw.choice([0, 1e-4, 1 / 64]),
        "cooldown": draw.randrange(4),
        "min_lr": draw.choice([0, 0.001, 0.02]),
    }
    learning_rate = draw.choice([0.1, 0.001, 0.0007])
    given = values(draw)
    rates = run(keras.callbacks.ReduceLROnPlateau(monitor, **options), Model(learning_rate), monitor, given)
    return {"monitor": monitor, **options, "learning_rate": learning_rate, "values": given, "rates": rates}


def checkpoint(draw):
    monitor = draw.choice(["val_loss", "val_accuracy"])
    model, given = Model(0.1), values(draw)
    run(keras.callbacks.ModelCheckpoint("best.keras", monitor, save_best_only=True), model, monitor, given)
    return {"monitor": monitor, "values": given, "saved": model.saved}


draw = random.Random(1)
table = {make.__name__: [make(draw) for _ in range(40)] for make in (early_stopping, plateau, checkpoint)}
print("{")
print(",\n".join(f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in table.items()))
print("}")
