"""Times what no training step can be faster than: its matrix products at the rate of this machine's sgemm.

usage: limit.py FLOPS
Prints a JSON line: the milliseconds that FLOPS take at the best and at the median rate of numpy's float32 product of two
1024 x 1024 matrices on two threads.
"""
import json
import os
import statistics
import sys
import time

from peer import load

SIZE = 1024
PRODUCTS = 40
THREADS = '2'


def main(flops):
    for library in ('OMP', 'OPENBLAS', 'MKL'):
        os.environ[f'{library}_NUM_THREADS'] = THREADS
    np = load('numpy')
    random = np.random.RandomState(0)
    a, b = (random.standard_normal((SIZE, SIZE)).astype('float32') for _ in range(2))
    out = np.empty_like(a)
    times = []
    for _ in range(PRODUCTS):
        start = time.perf_counter()
        np.matmul(a, b, out=out)
        times.append(time.perf_counter() - start)
    milliseconds = [flops / (2 * SIZE ** 3) * t * 1000 for t in (min(times), statistics.median(times))]
    print(json.dumps({'peer': 'limit', 'best_ms': round(milliseconds[0], 3), 'median_ms': round(milliseconds[1], 3)}))


main(float(sys.argv[1]))
