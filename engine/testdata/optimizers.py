#!/usr/bin/env python3
"""Takes 12 steps with PyTorch's optimizers in float64, on given gradients, and writes what the parameters become after each
step to optimizers.json. The engine's tests repeat the steps and compare.

Debian: apt-get install python3-torch; /usr/bin/python3 optimizers.py > optimizers.json

Keras, which Gradus follows, has epsilon in other places than PyTorch; at 1e-7, beside gradients of about 1, that makes no difference that
the tests would see more of than 1e-5. PyTorch has no Lion, and its NAdam (1.13) multiplies one factor twice into the momentum product: these two
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
    def __init__(self, params, lr):
        self.w, self.lr, self.t, self.product = params[0], lr, 0, 1.0
        self.m, self.v = torch.zeros_like(self.w), torch.zeros_like(self.w)

    def step(self):
        with torch.no_grad():
            g, self.t = self.w.grad, self.t + 1
            now, after = (0.9 * (1 - 0.5 * 0.96**t) for t in (self.t, self.t + 1))
            self.product *= now
            self.m = 0.9 * self.m + 0.1 * g
            self.v = 0.999 * self.v + 0.001 * g * g
            m_hat = after * self.m / (1 - self.product * after) + (1 - now) * g / (1 - self.product)
            self.w -= self.lr * m_hat / ((self.v / (1 - 0.999**self.t)).sqrt() + EPSILON)


MAKERS = {
    "Adam": lambda p: torch.optim.Adam(p, lr=RATE, eps=EPSILON),
    "AMSGrad": lambda p: torch.optim.Adam(p, lr=RATE, eps=EPSILON, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=RATE, eps=EPSILON, weight_decay=0.125),
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
