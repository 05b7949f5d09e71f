#!/usr/bin/env python3
"""Trains a small network for 20 steps in float64 with PyTorch's automatic differentiation and writes
what went in and what came out to trajectory.json. The engine's tests repeat the run and compare.

Debian: apt-get install python3-torch; /usr/bin/python3 trajectory.py > trajectory.json

BatchNorm is written out, since PyTorch keeps the unbiased variance and Keras the biased one.
"""

import json

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

SHAPE, UNITS, CLASSES = [3, 5], [12, 7], 4
BATCH, EXAMPLES = 8, 19 * 8 + 5  # the last of the 20 steps has 5 examples
MOMENTUM, EPSILON = 0.99, 1e-3


def single(t):
    """Rounds to what float32 can hold, so that both sides start from the same numbers."""
    return t.to(torch.float32).to(torch.float64)


def initial(features):
    values = {}
    sizes = [features] + UNITS + [CLASSES]
    for i, (n, m) in enumerate(zip(sizes, sizes[1:])):
        s = "" if i == 0 else f"_{i}"
        values[f"batch_normalization{s}/gamma"] = single(1 + 0.2 * torch.randn(n))
        values[f"batch_normalization{s}/beta"] = single(0.2 * torch.randn(n))
        values[f"batch_normalization{s}/moving_mean"] = single(0.1 * torch.randn(n))
        values[f"batch_normalization{s}/moving_variance"] = single(1 + 0.3 * torch.rand(n))
        values[f"dense{s}/kernel"] = single(torch.randn(n, m) * (2 / n) ** 0.5)
        values[f"dense{s}/bias"] = single(0.1 * torch.randn(m))
    return values


def batch_norm(x, v, name, training):
    if training:
        mean = x.mean(0)
        variance = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            for key, batch in (("moving_mean", mean), ("moving_variance", variance)):
                v[f"{name}/{key}"].mul_(MOMENTUM).add_((1 - MOMENTUM) * batch)
    else:
        mean, variance = v[f"{name}/moving_mean"], v[f"{name}/moving_variance"]
    return (x - mean) / torch.sqrt(variance + EPSILON) * v[f"{name}/gamma"] + v[f"{name}/beta"]


def forward(x, v, training):
    for i in range(3):
        s = "" if i == 0 else f"_{i}"
        x = batch_norm(x, v, f"batch_normalization{s}", training)
        x = x @ v[f"dense{s}/kernel"] + v[f"dense{s}/bias"]
        if i < 2:
            x = torch.nn.functional.elu(x)
    return x


def train(start, x, labels, rate, momentum, nesterov):
    v = {k: t.clone() for k, t in start.items()}
    weights = [k for k in v if "moving" not in k]
    velocity = {k: torch.zeros_like(v[k]) for k in weights}
    losses, correct = [], []
    for first in range(0, len(x), BATCH):
        for k in weights:
            v[k] = v[k].detach().requires_grad_(True)
        xb, yb = x[first : first + BATCH], labels[first : first + BATCH]
        scores = forward(xb, v, True)
        loss = torch.nn.functional.cross_entropy(scores, yb)
        grads = torch.autograd.grad(loss, [v[k] for k in weights])
        losses.append(loss.item())
        correct.append((scores.argmax(1) == yb).sum().item())
        with torch.no_grad():
            for k, g in zip(weights, grads):
                velocity[k] = momentum * velocity[k] - rate * g
                step = momentum * velocity[k] - rate * g if nesterov else velocity[k]
                v[k] = v[k] + step
    with torch.no_grad():
        scores = forward(x, v, False)
        evaluation = torch.nn.functional.cross_entropy(scores, labels).item()
        probabilities = torch.softmax(scores[:3], 1)
    return {
        "rate": rate,
        "momentum": momentum,
        "nesterov": nesterov,
        "losses": losses,
        "correct": sum(correct),
        "final": {k: t.detach().flatten().tolist() for k, t in v.items()},
        "evaluation": evaluation,
        "probabilities": probabilities.tolist(),
    }


def main():
    features = SHAPE[0] * SHAPE[1]
    x = single(torch.randn(EXAMPLES, features) * 2 + torch.randn(features))
    labels = torch.randint(0, CLASSES, (EXAMPLES,))
    x += single(torch.nn.functional.one_hot(labels, features) * 2.0)  # something to learn
    x = single(x)
    start = initial(features)
    runs = [train(start, x, labels, 0.25, 0, False), train(start, x, labels, 0.0625, 0.9, False), train(start, x, labels, 0.0625, 0.9, True)]
    print(json.dumps({
        "torch": torch.__version__,
        "shape": SHAPE,
        "units": UNITS,
        "classes": CLASSES,
        "batch": BATCH,
        "x": x.flatten().tolist(),
        "labels": labels.tolist(),
        "initial": {k: t.flatten().tolist() for k, t in start.items()},
        "runs": runs,
    }))


main()
