"""PyTorch on a card: matrix products, and training steps of the seed network as BenchmarkStep times them, eager and as CUDA graphs.

    python3 bench/peers/torch_cuda.py

Products in full float32 (TF32 off): A·B, Aᵀ·B and A·Bᵀ, the transposed one a view, as autograd has it. Those of the seed network are replayed as a graph of
100, so that the host's share is nothing. Steps: bytes gathered on the card, forward, loss, gradients, update; every implementation of the
optimizer; eager, as a graph of one step, and as one of a whole epoch, whose batches are gathered at fixed places of an order that could be replaced.
"""
import statistics
import sys
import time

import torch
from torch import nn

from torch_step import network

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"  # the CPU to see that this file runs
STEPS, ROUNDS, SECONDS = 16, 7, 0.2
SQUARES = (256, 512, 1024, 2048, 4096) if DEVICE == "cuda" else (64,)
BATCHES = (32, 256, 2048) if DEVICE == "cuda" else (32,)


def network_products(batch):
    for inputs, units in ((784, 300), (300, 100), (100, 10)):
        yield "AB", batch, units, inputs
        yield "AtB", inputs, units, batch
        yield "ABt", batch, inputs, units


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def median_seconds(run, times=1):
    """The median over ROUNDS of what a call takes, each round long enough to be timed; divided by times."""
    run()
    synchronize()
    calls, taken = 1, []
    while len(taken) < ROUNDS:
        start = time.perf_counter()
        for _ in range(calls):
            run()
        synchronize()
        took = time.perf_counter() - start
        if took < SECONDS / ROUNDS:
            calls *= 2
            continue
        taken.append(took / calls / times)
    return statistics.median(taken)


def graph_of(run, times):
    """A CUDA graph of so many calls, after some on a stream of their own; elsewhere the calls."""
    if DEVICE != "cuda":
        return lambda: [run() for _ in range(times)]
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(times):
            run()
    return graph.replay


def product(form, m, n, k):
    a = torch.rand(*((k, m) if form == "AtB" else (m, k)), device=DEVICE)
    b = torch.rand(*((n, k) if form == "ABt" else (k, n)), device=DEVICE)
    out = torch.empty(m, n, device=DEVICE)
    left, right = a.t() if form == "AtB" else a, b.t() if form == "ABt" else b
    return lambda: torch.mm(left, right, out=out)


def products():
    for size in SQUARES:
        for form in ("AB", "AtB", "ABt"):
            report(form, size, size, size, median_seconds(product(form, size, size, size)))
    for batch in BATCHES[:2]:
        for form, m, n, k in network_products(batch):
            report(form, m, n, k, median_seconds(graph_of(product(form, m, n, k), 100), 100))


def report(form, m, n, k, seconds):
    print(f"product {form:3s} {m}x{n}x{k} {seconds * 1e6:10.2f} us {2 * m * n * k / seconds / 1e9:9.0f} GFLOP/s", flush=True)


def optimizers():
    sgd = lambda **o: lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, **o)
    adam = lambda **o: lambda p: torch.optim.Adam(p, lr=0.001, **o)
    for name, make, capturable in (("sgd", sgd, {}), ("adam", adam, {"capturable": True} if DEVICE == "cuda" else {})):
        for label, options in (("plain", {}), ("foreach", {"foreach": True}), ("fused", {"fused": True})):
            try:
                make(**options, **capturable)(network().to(DEVICE).parameters())
            except (TypeError, RuntimeError):
                continue
            yield name, label, make(**options, **capturable)


class Training:
    """The seed network with an epoch of 16 batches on the device."""

    def __init__(self, batch, make):
        torch.manual_seed(42)
        self.batch, self.net, self.loss, self.count = batch, network().to(DEVICE), nn.CrossEntropyLoss(), 0
        self.data = torch.randint(0, 256, (batch * STEPS, 784), dtype=torch.uint8, device=DEVICE)
        self.labels = torch.randint(0, 10, (batch * STEPS,), device=DEVICE)
        self.order, self.optimizer = torch.randperm(batch * STEPS, device=DEVICE), make(self.net.parameters())

    def step(self):
        rows = self.order[self.count % STEPS * self.batch:][:self.batch]
        self.count += 1
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.net(self.data[rows].float().mul_(1 / 255)), self.labels[rows]).backward()
        self.optimizer.step()


def steps():
    for batch in BATCHES:
        for name, label, make in optimizers():
            eager = median_seconds(Training(batch, make).step)
            one = median_seconds(graph_of(Training(batch, make).step, 1))
            epoch = median_seconds(graph_of(Training(batch, make).step, STEPS), STEPS)
            print(f"step batch {batch:4d} {name:4s} {label:8s} eager {eager * 1e6:8.1f} us  graph of a step {one * 1e6:8.1f} us  of an epoch {epoch * 1e6:8.1f} us", flush=True)


def main():
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name() if DEVICE == 'cuda' else DEVICE}", flush=True)
    for what in sys.argv[1:] or ("products", "steps"):
        {"products": products, "steps": steps}[what]()


if __name__ == "__main__":
    main()
