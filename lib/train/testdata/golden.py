#!/usr/bin/env python3
"""Parameters after 100 steps of PyTorch, from the same start and batches.

Writes golden.json beside this file. Each case is trained on the same 60
samples; batches are taken in order, so that both sides see the same ones.
"""
import json
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)
X = rng.normal(size=(60, 3))
SCORE = 0.5 + X @ [1.5, -2.0, 0.25] + 0.3 * rng.normal(size=60)
TARGETS = {"linear": SCORE, "logistic": (SCORE > 0).astype(float)}
START = [0.1, -0.2, 0.3, 0.05]  # intercept, weights
STEPS = 100

OPTIMIZERS = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
}


def train(model, optimizer, batch, lr, l2):
    b = torch.tensor(START[:1], requires_grad=True)
    w = torch.tensor(START[1:], requires_grad=True)
    x, y = torch.tensor(X), torch.tensor(TARGETS[model])
    loss_of = {
        "linear": torch.nn.functional.mse_loss,
        "logistic": torch.nn.functional.binary_cross_entropy_with_logits,
    }[model]
    opt = OPTIMIZERS[optimizer]([b, w], lr)
    size = batch or len(y)
    losses, step = [], 0
    while step < STEPS:
        for lo in range(0, len(y), size):
            if step == STEPS:
                break
            opt.zero_grad()
            loss = loss_of(b + x[lo : lo + size] @ w, y[lo : lo + size])
            losses.append(loss.item())
            (loss + l2 / 2 * (w**2).sum()).backward()
            opt.step()
            step += 1
    return {
        "model": model, "optimizer": optimizer, "batch": batch, "lr": lr, "l2": l2,
        "theta": torch.cat([b, w]).tolist(), "losses": losses,
    }


cases = [
    train(model, optimizer, batch, lr, l2)
    for model in TARGETS
    for optimizer in OPTIMIZERS
    for batch, lr in [(0, 0.05), (1, 0.01), (7, 0.03)]
    for l2 in [0.0, 0.1]
]

# One case again in plain NumPy, from the formula: gradient descent on the MSE.
A, theta = np.c_[np.ones(60), X], np.array(START)
for _ in range(STEPS):
    theta = theta - 0.05 * 2 / 60 * A.T @ (A @ theta - SCORE)
assert np.allclose(theta, cases[0]["theta"], rtol=1e-12)

out = {"x": X.ravel().tolist(), "targets": {k: v.tolist() for k, v in TARGETS.items()}, "start": START, "steps": STEPS, "cases": cases}
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(out) + "\n")
