"""Products of OpenBLAS, in GFLOP/s, in the form in which BenchmarkSgemm prints ours.

    python3 bench/peers/openblas.py [threads] [core type]

The library is libopenblas.so.0 (Debian's libopenblas0); OPENBLAS names another. Each product is C = A'B' in row-major order, as our kernels compute it:
squares, and those of a step of 784-300-100-10 at batch 32 and 256. The fastest of rounds that take some milliseconds each.
"""
import ctypes
import os
import sys
import time

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)
if len(sys.argv) > 2 and sys.argv[2]:
    os.environ["OPENBLAS_CORETYPE"] = sys.argv[2]
BLAS = ctypes.CDLL(os.environ.get("OPENBLAS", "libopenblas.so.0"))
BLAS.openblas_get_config.restype = BLAS.openblas_get_corename.restype = ctypes.c_char_p
ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112
SQUARES = [(form, n, n, n) for n in (512, 1024, 2048) for form in ("AB", "AtB", "ABt")]


def network(batch):
    for i, o in ((784, 300), (300, 100), (100, 10)):
        yield "AB", batch, o, i
        yield "AtB", i, o, batch
        yield "ABt", batch, i, o


def call(form, m, n, k, a, b, c):
    ta, tb = (TRANSPOSED if form == "AtB" else PLAIN), (TRANSPOSED if form == "ABt" else PLAIN)
    f, one, zero = BLAS.cblas_sgemm, ctypes.c_float(1), ctypes.c_float(0)
    args = [ctypes.c_int(v) for v in (ROW_MAJOR, ta, tb, m, n, k)]
    lda, ldb, ldc = (ctypes.c_int(v) for v in (m if form == "AtB" else k, k if form == "ABt" else n, n))
    return lambda: f(*args, one, a, lda, b, ldb, zero, c, ldc)


def fastest(run):
    run()
    times, best, rounds = 1, float("inf"), 0
    while rounds < 8:
        start = time.perf_counter()
        for _ in range(times):
            run()
        took = time.perf_counter() - start
        if took < 0.01 and times < 1 << 16:
            times *= 2
            continue
        best, rounds = min(best, took / times), rounds + 1
    return best


def main():
    print(f"OpenBLAS: {BLAS.openblas_get_config().decode()} as {BLAS.openblas_get_corename().decode()}, {THREADS} threads")
    for form, m, n, k in SQUARES + list(network(32)) + list(network(256)):
        a, b, c = ((ctypes.c_float * size)(*([0.5] * size)) for size in (m * k, k * n, m * n))
        seconds = fastest(call(form, m, n, k, a, b, c))
        print(f"sgemm {form} {m}x{n}x{k} {2 * m * n * k / seconds / 1e9:.1f} GFLOP/s", flush=True)


if __name__ == "__main__":
    main()
