"""Times the seed's job with Keras: fit() with validation data and a ModelCheckpoint that keeps the best.

usage: fit.py PEER FOLDER EPOCHS
FOLDER holds x_train.npy, y_train.npy, x_val.npy and y_val.npy. Prints a JSON line: the seconds from the end of the imports to the
end of the training, the last val_loss, and the most memory the process ever took.
"""
import json
import os
import resource
import sys
import time

from peer import load


def train(keras, np, folder, epochs):
    x, y, x_val, y_val = (np.load(os.path.join(folder, f'{name}.npy')) for name in ('x_train', 'y_train', 'x_val', 'y_val'))
    layers = keras.layers
    net = keras.Sequential([
        layers.Input((x.shape[1],)),
        layers.Embedding(500, 16),
        layers.LSTM(8),
        layers.Dense(1, activation='sigmoid'),
    ])
    net.compile(keras.optimizers.RMSprop(1e-4), 'binary_crossentropy', metrics=['accuracy'])
    best = keras.callbacks.ModelCheckpoint(os.path.join(folder, 'best.keras'), save_best_only=True)
    return net.fit(x, y, batch_size=64, epochs=epochs, validation_data=(x_val, y_val), callbacks=[best], verbose=0)


def main(peer, folder, epochs):
    keras = load(peer)
    import numpy as np

    start = time.perf_counter()
    history = train(keras, np, folder, int(epochs)).history
    seconds = time.perf_counter() - start
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({
        'peer': peer,
        'seconds': round(seconds, 3),
        'val_loss': history['val_loss'][-1],
        'peak_mib': round(peak_mib),
    }))


main(*sys.argv[1:])
