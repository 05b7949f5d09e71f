"""Steps per second of the seed network in PyTorch, as BenchmarkStep times it: gather of bytes, forward, loss, gradients, update.

    /usr/bin/python3 bench/peers/torch_step.py [threads]

784-300-100-10 with BatchNorm on the input and after each hidden layer, ELU, SGD with momentum or Adam. Each batch size is
timed in turns with every setting of the optimizer that this version has; the best of the medians is PyTorch's.
"""
import statistics
import sys
import time

import torch
from torch import nn

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ROUNDS, STEPS = 9, 20


def network():
    norm = lambda n: nn.BatchNorm1d(n, eps=1e-3, momentum=0.01)
    return nn.Sequential(norm(784), nn.Linear(784, 300), nn.ELU(), norm(300), nn.Linear(300, 100), nn.ELU(), norm(100), nn.Linear(100, 10))


def optimizers():
    sgd = lambda **o: lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, **o)
    adam = lambda **o: lambda p: torch.optim.Adam(p, lr=0.001, **o)
    for name, make in (("sgd", sgd), ("adam", adam)):
        for label, options in (("plain", {}), ("foreach", {"foreach": True}), ("fused", {"fused": True})):
            try:
                make(**options)(network().parameters())
            except (TypeError, RuntimeError):
                continue  # this version does not have it, or not on the CPU
            yield name, label, make(**options)


def trainer(batch, make, warm=20):
    torch.manual_seed(42)
    net, loss = network(), nn.CrossEntropyLoss()
    data = torch.randint(0, 256, (batch * 16, 784), dtype=torch.uint8)
    labels = torch.randint(0, 10, (batch * 16,))
    order, optimizer, count = torch.randperm(batch * 16), make(net.parameters()), 0

    def step():
        nonlocal count
        rows = order[count % 16 * batch:][:batch]
        count += 1
        optimizer.zero_grad(set_to_none=True)
        loss(net(data[rows].float().mul_(1 / 255)), labels[rows]).backward()
        optimizer.step()

    for _ in range(warm):
        step()
    return step


def timed(step):
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS


def main():
    torch.set_num_threads(THREADS)
    torch.set_flush_denormal(True)  # Adam's averages may become denormal, and slow
    print(f"PyTorch {torch.__version__}, {THREADS} threads")
    for batch in (32, 256):
        rows = [(name, label, trainer(batch, make)) for name, label, make in optimizers()]
        times = [[] for _ in rows]
        for _ in range(ROUNDS):
            for taken, (_, _, step) in zip(times, rows):
                taken.append(timed(step))
        for taken, (name, label, _) in zip(times, rows):
            print(f"batch {batch:4d} {name:5s} {label:8s} median {statistics.median(taken) * 1e6:7.0f} us  best {min(taken) * 1e6:7.0f} us")


if __name__ == "__main__":
    main()
