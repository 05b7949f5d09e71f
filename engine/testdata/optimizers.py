#!/usr/bin/env python3
"""Takes 12 steps with PyTorch's optimizers in float64, on given gradients, and writes what the parameters become after each
step to optimizers.json. The engine's tests repeat the steps and compare.

Debian: apt-get install python3-torch; /usr/bin/python3 optimizers.py > optimizers.json

Keras, which Gradus follows, adds Adam's epsilon before the bias correction and PyTorch after it: the runs of Adam give PyTorch the
epsilon/sqrt(1 - beta2^t) that makes them the same. For Adagrad and RMSprop (root of the sum, or sum of the roots) the difference is below 1e-7
at these gradients. Decoupled decay, which PyTorch has in AdamW alone, is taken off before the step, as Keras does. PyTorch has no Lion, and its NAdam (1.13) multiplies one factor twice into the momentum product: these two
are written out from Chen et al., 2023, and Dozat, 2016.
"""

import json

import torch

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
N, STEPS, RATE, EPSILON = 6, 12, 0.0625, 1e-7


def single(t):
    """Rounds to what float32 can hold, so that both sides start from the same numbers."""
    return t.to(torch.float32).to(torch.float64)


START = single(torch.randn(N))
GRADIENTS = single(torch.randn(STEPS, N).abs() + 0.5) * torch.tensor([1.0, -1, 1, -1, 1, -1])


class Lion:
    def __init__(self, params, lr, decay=0.0):
        self.w, self.lr, self.decay = params[0], lr, decay
        self.m = torch.zeros_like(self.w)

    def step(self):
        with torch.no_grad():
            g = self.w.grad
            direction = torch.sign(0.9 * self.m + 0.1 * g)
            self.w -= self.lr * (direction + self.decay * self.w)
            self.m = 0.99 * self.m + 0.01 * g


class Nadam:
    def __init__(self, params, lr, decay=0.0):
        self.w, self.lr, self.decay, self.t, self.product = params[0], lr, decay, 0, 1.0
        self.m, self.v = torch.zeros_like(self.w), torch.zeros_like(self.w)

    def step(self):
        with torch.no_grad():
            g, self.t = self.w.grad, self.t + 1
            now, after = (0.9 * (1 - 0.5 * 0.96**t) for t in (self.t, self.t + 1))
            self.product *= now
            self.m = 0.9 * self.m + 0.1 * g
            self.v = 0.999 * self.v + 0.001 * g * g
            m_hat = after * self.m / (1 - self.product * after) + (1 - now) * g / (1 - self.product)
            self.w -= self.lr * self.decay * self.w
            self.w -= self.lr * m_hat / ((self.v / (1 - 0.999**self.t)).sqrt() + EPSILON)


class Keras:
    """An optimizer of PyTorch with options that are set anew before each step t = 1, 2, ..., and with decoupled decay."""

    def __init__(self, optimizer, decay=0.0, **options):
        self.optimizer, self.decay, self.options, self.t = optimizer, decay, options, 0

    def step(self):
        self.t += 1
        group = self.optimizer.param_groups[0]
        for name, value in self.options.items():
            group[name] = value(self.t)
        with torch.no_grad():
            group["params"][0].mul_(1 - group["lr"] * self.decay)
        self.optimizer.step()


class RollingSGD:
    """Keras's SGD with the rate within the velocity, for a momentum that changes."""

    def __init__(self, params, lr):
        self.w, self.lr, self.t, self.v = params[0], lr, 0, torch.zeros_like(params[0])

    def step(self):
        with torch.no_grad():
            self.v = falling(self.t) * self.v - self.lr * self.w.grad
            self.w += self.v
            self.t += 1


def hat(t):
    """The epsilon that PyTorch's Adam takes at step t to be Keras's."""
    return EPSILON / (1 - 0.999**t) ** 0.5


def falling(t):
    return 0.95 - t / 120


MAKERS = {
    "Adam": lambda p: Keras(torch.optim.Adam(p, lr=RATE), eps=hat),
    "AMSGrad": lambda p: Keras(torch.optim.Adam(p, lr=RATE, amsgrad=True), eps=hat),
    "AdamW": lambda p: Keras(torch.optim.AdamW(p, lr=RATE, weight_decay=0.125), eps=hat),
    "Adam with a cycle": lambda p: Keras(torch.optim.Adam(p, lr=RATE), eps=hat, betas=lambda t: (falling(t - 1), 0.999)),
    "Adamax with decay": lambda p: Keras(torch.optim.Adamax(p, lr=RATE, eps=EPSILON), decay=0.125),
    "Nadam with decay": lambda p: Nadam(p, RATE, 0.125),
    "RMSprop with decay": lambda p: Keras(torch.optim.RMSprop(p, lr=RATE, alpha=0.9, eps=EPSILON, momentum=0.5), decay=0.125),
    "Adagrad with decay": lambda p: Keras(torch.optim.Adagrad(p, lr=RATE, initial_accumulator_value=0.1, eps=EPSILON), decay=0.125),
    "Adadelta with decay": lambda p: Keras(torch.optim.Adadelta(p, lr=4.0, rho=0.95, eps=EPSILON), decay=0.125),
    "SGD with decay": lambda p: Keras(torch.optim.SGD(p, lr=RATE), decay=0.125),
    "SGD with all": lambda p: Keras(torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True), decay=0.125),
    "SGD with a cycle": lambda p: RollingSGD(p, RATE),
    "Adamax": lambda p: torch.optim.Adamax(p, lr=RATE, eps=EPSILON),
    "Nadam": lambda p: Nadam(p, RATE),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.9, eps=EPSILON),
    "RMSprop with momentum": lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.9, eps=EPSILON, momentum=0.5),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=RATE, initial_accumulator_value=0.1, eps=EPSILON),
    "Adadelta": lambda p: torch.optim.Adadelta(p, lr=16.0, rho=0.95, eps=EPSILON),
    "Lion": lambda p: Lion(p, RATE),
    "Lion with decay": lambda p: Lion(p, RATE, 0.125),
    "SGD": lambda p: torch.optim.SGD(p, lr=RATE),
    "SGD with momentum": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9),
    "SGD with Nesterov": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True),
}


def run(make):
    w = START.clone().requires_grad_(True)
    optimizer, rows = make([w]), []
    for g in GRADIENTS:
        w.grad = g.clone()
        optimizer.step()
        rows.append(w.detach().tolist())
    return rows


print(json.dumps({"start": START.tolist(), "gradients": GRADIENTS.tolist(), "runs": {k: run(m) for k, m in MAKERS.items()}}))
