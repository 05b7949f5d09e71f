#!/usr/bin/env python3
"""Takes 12 steps in float64 with what looks at variables or treats them differently (parameter groups, clipping by variable and by unit,
LAMB, Muon, moving averages), and writes what the variables become after each step to variables.json.

Groups are those of PyTorch's optimizers. The others are written out, variable by variable, from Keras's formulas and the papers:
LAMB from You et al., 2019; Muon from Jordan et al., 2024, with Liu et al.'s scaling; adaptive clipping from Brock et al., 2021.

Debian: apt-get install python3-torch; /usr/bin/python3 variables.py > variables.json
"""

import json

import torch

torch.manual_seed(12)
torch.set_default_dtype(torch.float64)
STEPS, RATE = 12, 0.0625
SHAPES = {"a/kernel": (10, 9), "a/bias": (9,), "b/kernel": (9, 4), "b/bias": (4,), "c/kernel": (4, 7), "c/gamma": (7,)}
NAMES = list(SHAPES)


def single(t):
    """Rounds to what float32 can hold, so that both sides start from the same numbers."""
    return t.to(torch.float32).to(torch.float64)


START = {n: single(torch.zeros(s) if n == "a/bias" else 0.5 * torch.randn(s)) for n, s in SHAPES.items()}
GRADIENTS = [{n: single(torch.randn(s)) for n, s in SHAPES.items()} for _ in range(STEPS)]


def sgd(w):
    return torch.optim.SGD([w[n] for n in NAMES], lr=RATE)


def by_hand(update, state=dict):
    """A run in which update(n, w, g, state, t) returns the next value of each variable."""

    def run():
        w, states, rows = dict(START), {n: state() for n in NAMES}, []
        for t, gradients in enumerate(GRADIENTS, 1):
            w = {n: update(n, w[n], gradients[n], states[n], t) for n in NAMES}
            rows.append(w)
        return rows

    return run


def by_torch(make, clip=lambda n, w, g: g):
    """A run of one of PyTorch's optimizers on gradients that are clipped before."""

    def run():
        w, rows = {n: v.clone().requires_grad_(True) for n, v in START.items()}, []
        optimizer = make(w)
        for t, gradients in enumerate(GRADIENTS, 1):
            for n in NAMES:
                w[n].grad = clip(n, w[n].detach(), gradients[n].clone())
            for group in optimizer.param_groups:
                if "betas" in group:  # Keras's place of epsilon
                    group["eps"] = 1e-7 / (1 - 0.999**t) ** 0.5
            optimizer.step()
            rows.append({n: v.detach().clone() for n, v in w.items()})
        return rows

    return run


def groups(w, make, **fixed):
    """Rates a tenth for a, twice that for biases, no decay for biases and gammas."""

    def rate(n):
        return RATE * (0.125 if n.startswith("a/") else 1) * (2 if n.endswith("bias") else 1)

    return make([{"params": [w[n]], "lr": rate(n), **fixed, **({} if n.endswith("kernel") else {"weight_decay": 0.0})} for n in NAMES], lr=RATE)


def clip_variable(n, w, g):
    return g * min(1.0, 1.5 / g.norm().item())


def units(v):
    return v.norm(dim=0, keepdim=True) if v.dim() > 1 else v.norm()


def clip_units(n, w, g):
    if n.startswith("c/"):
        return g
    return g * torch.clamp(0.25 * torch.clamp(units(w), min=1e-3) / units(g), max=1.0)


def lamb(n, w, g, s, t, decay=0.125):
    w = w - RATE * decay * w
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g * g
    u = s["m"] / (1 - 0.9**t) / ((s["v"] / (1 - 0.999**t)).sqrt() + 1e-7)
    ratio = (w.norm() / u.norm()).item() if w.norm() > 0 and u.norm() > 0 else 1.0
    return w - RATE * ratio * u


def orthogonal(x):
    if x.shape[0] > x.shape[1]:
        return orthogonal(x.T).T
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x


def muon(n, w, g, s, t, decay=0.125):
    w = w - RATE * decay * w
    if w.dim() == 2 and not n.startswith("c/"):
        s["m"] = 0.95 * s.get("m", 0) + g
        return w - RATE * 0.2 * max(w.shape) ** 0.5 * orthogonal(g + 0.95 * s["m"])
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g * g
    return w - 0.5 * RATE * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * s["m"] / (s["v"].sqrt() + 1e-7)


def averages(n, w, g, s, t):
    """What is returned are the averages; the weights are in the state."""
    s["w"] = s.get("w", w) - RATE * g
    s["average"] = s["w"] if t == 1 else 0.75 * s["average"] + 0.25 * s["w"]
    return s["average"]


def averages_run():
    states, rows = {n: {"w": START[n]} for n in NAMES}, []
    for t, gradients in enumerate(GRADIENTS, 1):
        rows.append({n: averages(n, None, gradients[n], states[n], t) for n in NAMES})
    return rows


RUNS = {
    "groups of AdamW": by_torch(lambda w: groups(w, torch.optim.AdamW, weight_decay=0.125)),
    "groups of SGD": by_torch(lambda w: groups(w, torch.optim.SGD, momentum=0.9, nesterov=True)),
    "clipped by variable": by_torch(sgd, clip_variable),
    "clipped by unit": by_torch(sgd, clip_units),
    "Lamb": by_hand(lamb),
    "Muon": by_hand(muon),
    "averages": averages_run,
}

print(json.dumps({
    "variables": [{"name": n, "shape": list(SHAPES[n]), "start": START[n].flatten().tolist()} for n in NAMES],
    "gradients": [[g[n].flatten().tolist() for n in NAMES] for g in GRADIENTS],
    "runs": {name: [[[float(f"{x:.11g}") for x in row[n].flatten().tolist()] for n in NAMES] for row in run()] for name, run in RUNS.items()},
}))
