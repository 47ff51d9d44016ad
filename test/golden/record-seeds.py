"""Records whole trainings with Keras: the distribution that `npm run seeds` compares with.

usage: python test/golden/record-seeds.py [SEEDS]       (default: 16)
needs: pip install keras==3.15.1 jax==0.10.2 numpy

Trains LSTM(8) with dropout and recurrent dropout on the part of IMDB in assets/: 500 words, 50 steps, batches of 64, three epochs. Keras' RNN
loop takes 100 ms a step on TensorFlow; on JAX all seeds go side by side through one program (jax.vmap over Keras' stateless calls). SGD with
momentum, because it is the same on both: TensorFlow's squares of an embedding's gradient (RMSprop, Adam) are not JAX's. Validation loss and
accuracy of each epoch go into keras-imdb-history.json as "lstm_recurrent_dropout"; what it holds of other models stays as it is.
"""
import json
import os
import sys

os.environ.update(KERAS_BACKEND="jax")
import jax
import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
HISTORY = os.path.join(HERE, "keras-imdb-history.json")
WORDS, STEPS, BATCH, EPOCHS = 500, 50, 64, 3
DROPOUT = {"dropout": 0.3, "recurrent_dropout": 0.3}


def load_data():
    """imdb.load_data(num_words=500), train_test_split(test_size=0.2, random_state=42), pad_sequences(maxlen=50)."""
    with np.load(os.path.join(HERE, "../../assets/imdb-mini.npz")) as data:
        x, y = data["x_train"].astype("int32"), data["y_train"].astype("float32")
    order = np.arange(len(x))
    np.random.RandomState(113).shuffle(order)
    x, y = np.where(x < WORDS, x, 2)[order, -STEPS:], y[order, None]
    rows = np.random.RandomState(42).permutation(len(x))
    held_out = -(-len(x) // 5)
    return (x[rows[held_out:]], y[rows[held_out:]]), (x[rows[:held_out]], y[rows[:held_out]])


def build(seed):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    net = [keras.Input((STEPS,)), layers.Embedding(WORDS, 16), layers.LSTM(8, **DROPOUT), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(net)
    model.compile(keras.optimizers.SGD(0.2, momentum=0.9), "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def state_of(model):
    groups = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
    return [[np.asarray(v.value) for v in group] for group in groups]


def train(seeds):
    (x, y), (held_x, held_y) = load_data()
    models = [build(seed) for seed in seeds]
    model = models[0]
    state = jax.tree.map(lambda *values: np.stack(values), *[state_of(m) for m in models])

    def loss_of(weights, others, x, y):
        prediction, others = model.stateless_call(weights, others, x, training=True)
        return model.compute_loss(x, y, prediction), others

    def step(state, x, y):
        weights, others, slots = state
        gradients, others = jax.grad(loss_of, has_aux=True)(weights, others, x, y)
        weights, slots = model.optimizer.stateless_apply(slots, gradients, weights)
        return [list(weights), list(others), list(slots)]

    def evaluate(state, x, y):
        prediction, _ = model.stateless_call(state[0], state[1], x, training=False)
        return model.compute_loss(x, y, prediction), ((prediction > 0.5) == y).mean()

    step, evaluate = jax.jit(jax.vmap(step)), jax.jit(jax.vmap(evaluate, in_axes=(0, None, None)))
    history = []
    for epoch in range(EPOCHS):
        orders = np.stack([np.random.RandomState(1000 * seed + epoch).permutation(len(x)) for seed in seeds])
        for i in range(0, len(x), BATCH):
            rows = orders[:, i : i + BATCH]
            state = step(state, x[rows], y[rows])
        history.append([np.asarray(values, "float64") for values in evaluate(state, held_x, held_y)])
        print(epoch, history[-1], flush=True)
    losses, accuracies = np.array(history).transpose(1, 2, 0).tolist()
    return [{"val_loss": loss, "val_accuracy": accuracy} for loss, accuracy in zip(losses, accuracies)]


def main():
    runs = train(range(1, 1 + int(sys.argv[1] if len(sys.argv) > 1 else 16)))
    with open(HISTORY) as file:
        recorded = json.load(file)
    with open(HISTORY, "w") as file:
        json.dump({**recorded, "lstm_recurrent_dropout": runs}, file)


main()
