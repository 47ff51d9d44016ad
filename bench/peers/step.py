"""Times one training step of each model in a file with a peer: random rows, RMSprop, binary crossentropy.

usage: step.py PEER MODELS.json [NAME ...]
Prints one JSON line for each model: the best and the median of five passes after a warm-up, in milliseconds a step.
"""
import json
import statistics
import sys
import time

from peer import load

PASSES = 5
LEARNING_RATE = 1e-4


def keras_pass(keras, m, x, y):
    layers = keras.layers
    net = keras.Sequential([
        layers.Input((m['T'],)),
        layers.Embedding(m['vocab'], m['embedding']),
        *[layers.LSTM(units, return_sequences=i < len(m['lstm']) - 1) for i, units in enumerate(m['lstm'])],
        layers.Dense(1, activation='sigmoid'),
    ])
    net.compile(keras.optimizers.RMSprop(LEARNING_RATE), 'binary_crossentropy', metrics=['accuracy'])
    return lambda: net.fit(x, y, batch_size=m['batch'], epochs=1, verbose=0)


def torch_pass(torch, m, x, y):
    nn = torch.nn
    sizes = [m['embedding'], *m['lstm']]
    embedding = nn.Embedding(m['vocab'], m['embedding'])
    lstm = nn.ModuleList(nn.LSTM(a, b, batch_first=True) for a, b in zip(sizes, sizes[1:]))
    dense = nn.Linear(sizes[-1], 1)
    optimizer = torch.optim.RMSprop(nn.ModuleList([embedding, lstm, dense]).parameters(), lr=LEARNING_RATE)
    loss = nn.BCEWithLogitsLoss()
    xs, ys, batch = torch.from_numpy(x), torch.from_numpy(y), m['batch']

    def forward(tokens):
        h = embedding(tokens)
        for layer in lstm:
            h, _ = layer(h)
        return dense(h[:, -1])

    def run():
        for i in range(0, len(xs), batch):
            optimizer.zero_grad()
            loss(forward(xs[i:i + batch]), ys[i:i + batch]).backward()
            optimizer.step()

    return run


def time_steps(run, steps):
    run()
    times = []
    for _ in range(PASSES):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) / steps * 1000)
    return {'best_ms': round(min(times), 3), 'median_ms': round(statistics.median(times), 3)}


def main(peer, models, *only):
    library = load(peer)
    import numpy as np

    make_pass = keras_pass if peer.startswith('keras-') else torch_pass
    with open(models) as file:
        wanted = [m for m in json.load(file) if not only or m['name'] in only]
    for m in wanted:
        random = np.random.RandomState(0)
        rows = m['batch'] * m['steps']
        x = random.randint(0, m['vocab'], (rows, m['T']))
        y = random.randint(0, 2, (rows, 1)).astype('float32')
        times = time_steps(make_pass(library, m, x, y), m['steps'])
        print(json.dumps({'peer': peer, 'model': m['name'], **times}), flush=True)


main(*sys.argv[1:])
