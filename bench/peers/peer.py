"""The peers by name: keras-tensorflow, keras-jax, torch-N (N threads), numpy."""
import importlib
import os
import sys

CANNOT_TAKE_PART = 3


def load(peer):
    """The module of that peer. Where it cannot be imported, ends the program with CANNOT_TAKE_PART and the reason on stderr."""
    library, _, rest = peer.partition('-')
    if library == 'keras':
        os.environ['KERAS_BACKEND'] = rest
        os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
    try:
        module = importlib.import_module(library)
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(CANNOT_TAKE_PART)
    if library == 'torch':
        # Gradients that vanish over 200 time steps become denormal numbers, which cost PyTorch 20 times the time unless they are
        # flushed. Threads inherit it: it has to be said before there are any.
        module.set_flush_denormal(True)
        module.set_num_threads(int(rest))
    return module
