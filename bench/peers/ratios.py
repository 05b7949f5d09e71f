"""Reads what compare.sh or tfjs.sh collected in a directory and prints tables: medians of the rounds, and ratios above 1 where Gradus is faster."""
import pathlib
import re
import statistics
import sys

STEP = re.compile(r"Benchmark(Step|Adam)/batch-(\d+)/\S+.*?([\d.]+) ms")
LATE = re.compile(r"^\s+\d+\t.*?([\d.]+) ms")  # a result whose name was printed before what the benchmark said
NAME = re.compile(r"Benchmark(Step|Adam)/batch-(\d+)/")
TORCH = re.compile(r"batch +(\d+) +(\w+) +(\w+) +median +(\d+) us")
TFJS = re.compile(r"batch (\d+): ([\d.]+) steps/s")
MINE = re.compile(r"([\d.]+) steps/s")
TFJS_PRODUCT = re.compile(r"matmul (\w+) (\S+): ([\d.]+) GFLOP/s")
MY_PRODUCT = re.compile(r"MatMul/(\w+)/(\S+)/gpu\S*.*?([\d.]+) GFLOP/s")
SGEMM = re.compile(r"sgemm (\w+) (\S+) ([\d.]+) GFLOP/s")


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def ours(path):
    times, name = {}, None
    for line in lines(path):
        if m := NAME.search(line):
            name = ("sgd" if m[1] == "Step" else "adam", int(m[2]))
        if m := STEP.search(line) or LATE.search(line):
            times.setdefault(name, []).append(float(m[len(m.groups())]) * 1e3)
    return times


def theirs(path):
    """The median of each setting over the rounds, and of these the best with its name."""
    times = {}
    for line in lines(path):
        if m := TORCH.search(line):
            times.setdefault((m[2], int(m[1])), {}).setdefault(m[3], []).append(float(m[4]))
    return {key: min((statistics.median(v), setting) for setting, v in rows.items()) for key, rows in times.items()}


def products(path, pattern=SGEMM):
    rates = {}
    for line in lines(path):
        if m := pattern.search(line):
            rates.setdefault((m[1], m[2]), []).append(float(m[3]))
    return {key: statistics.median(v) for key, v in rates.items()}


def browser(work):
    """Steps and products beside TensorFlow.js: medians of the rounds, and the smallest and largest ratio of a round."""
    their = [float(m[2]) for m in map(TFJS.search, lines(work / "tfjs-step")) if m]
    mine = [float(m[1]) for m in map(MINE.search, lines(work / "gpu-step")) if m]
    if their and len(their) == len(mine):
        rounds = [a / b for a, b in zip(mine, their)]
        a, b = statistics.median(mine), statistics.median(their)
        print(f"\nA training step of 784-300-100-10, batch 32, steps/s: Gradus {a:.1f}  TensorFlow.js {b:.1f}  ratio {a / b:.1f}"
              f" (rounds {min(rounds):.1f} to {max(rounds):.1f})")
    theirs_, ours_ = products(work / "tfjs-products", TFJS_PRODUCT), products(work / "gpu-products", MY_PRODUCT)
    if ours_:
        print("\nProducts m x n x k, GFLOP/s")
    for key, rate in ours_.items():
        other = theirs_.get(key, float("nan"))
        print(f"  {key[0]:4s} {key[1]:16s} Gradus {rate:7.2f}  TensorFlow.js {other:7.2f}  ratio {rate / other:.2f}")


def main(work):
    browser(work)
    for path in sorted(work.glob("ours-*")):
        threads = path.name.split("-")[1]
        torch = theirs(work / f"torch-{threads}")
        head = (lines(work / f"torch-{threads}") or ["PyTorch: not compared"])[0]
        print(f"\nA training step of 784-300-100-10, microseconds, {threads} threads; {head}")
        for (optimizer, batch), values in sorted(ours(path).items()):
            mine, (their, setting) = statistics.median(values), torch.get((optimizer, batch), (float("nan"), "none"))
            print(f"  batch {batch:4d} {optimizer:5s} Gradus {mine:8.1f}  PyTorch {their:8.1f} ({setting})  ratio {their / mine:.2f}")
        blas = products(work / f"openblas-{threads}")
        head = (lines(work / f"openblas-{threads}") or ["OpenBLAS: not compared"])[0]
        print(f"\nProducts m x n x k, GFLOP/s, {threads} threads; {head}")
        for key, mine in products(work / f"sgemm-{threads}").items():
            their = blas.get(key, float("nan"))
            print(f"  {key[0]:4s} {key[1]:16s} Gradus {mine:7.1f}  OpenBLAS {their:7.1f}  ratio {mine / their:.2f}")


main(pathlib.Path(sys.argv[1]))
