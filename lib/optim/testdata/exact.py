"""Writes exact.json: the first steps of the optimizers that correct a bias, in 60 digits, for decays so close to 1
that 1 - beta^t taken as a difference has few digits left.

One parameter starts at 0 and sees GRADIENTS at rate 1. The recurrences are those in the doc comments.
"""
import json
import os

from mpmath import mp, mpf, sqrt

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
GRADIENTS = [1.0, -0.5, 2.0, 0.25, -1.5, 3.0, 1.0, 0.5, -2.0, 1.25, 0.75, -0.125]
NEAR = [1 - 1e-4, 1 - 1e-7, 1 - 1e-9, 1 - 2.0 ** -53 * 8]


def moments(beta1, beta2, second=lambda g, m: g * g):
    m = v = mpf(0)
    for t, g in enumerate(map(mpf, GRADIENTS), 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * second(g, m)
        yield t, g, m, v


def adam(beta1, beta2, eps):
    for t, g, m, v in moments(beta1, beta2):
        yield m / (1 - beta1 ** t) / (sqrt(v / (1 - beta2 ** t)) + eps)


def amsgrad(beta1, beta2, eps):
    top = mpf(0)
    for t, g, m, v in moments(beta1, beta2):
        top = max(top, v)
        yield m / (1 - beta1 ** t) / (sqrt(top / (1 - beta2 ** t)) + eps)


def adamax(beta1, beta2, eps):
    u = mpf(0)
    for t, g, m, _ in moments(beta1, beta2):
        u = max(beta2 * u, abs(g) + eps)
        yield m / (1 - beta1 ** t) / u


def adabelief(beta1, beta2, eps):
    m = s = mpf(0)
    for t, g in enumerate(map(mpf, GRADIENTS), 1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps
        yield m / (1 - beta1 ** t) / (sqrt(s / (1 - beta2 ** t)) + eps)


def nadam(beta1, beta2, eps, psi=mpf(0.004)):
    mu = lambda t: beta1 * (1 - mpf(0.5) * mpf(0.96) ** (t * psi))
    product = mpf(1)
    for t, g, m, v in moments(beta1, beta2):
        product *= mu(t)
        hat = mu(t + 1) * m / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product)
        yield hat / (sqrt(v / (1 - beta2 ** t)) + eps)


def radam(beta1, beta2, eps):
    far = 2 / (1 - beta2) - 1
    for t, g, m, v in moments(beta1, beta2):
        step = m / (1 - beta1 ** t)
        rho = far - 2 * t * beta2 ** t / (1 - beta2 ** t)
        if rho > 5:
            step *= sqrt((rho - 4) * (rho - 2) * far / ((far - 4) * (far - 2) * rho))
            step *= sqrt(1 - beta2 ** t) / (sqrt(v) + eps)
        yield step


cases = []
for name, f, eps in [("Adam", adam, 1e-8), ("AMSGrad", amsgrad, 1e-8), ("Adamax", adamax, 1e-8),
                     ("AdaBelief", adabelief, 1e-16), ("NAdam", nadam, 1e-8), ("RAdam", radam, 1e-8)]:
    for beta1, beta2 in [(0.9, b) for b in NEAR] + [(NEAR[1], NEAR[1]), (0.9, 0.98), (0.0, 0.0), (1e-20, 0.5)]:
        theta, path = mpf(0), []
        for step in f(mpf(beta1), mpf(beta2), mpf(eps)):
            theta -= step
            path.append(float(theta))
        cases.append({"Name": name, "Beta1": beta1, "Beta2": beta2, "Epsilon": eps, "Theta": path})

with open(os.path.join(HERE, "exact.json"), "w") as out:
    json.dump({"Gradients": GRADIENTS, "Cases": cases}, out)
    out.write("\n")
