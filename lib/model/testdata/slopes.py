"""Writes slopes.json: activations and their derivatives in 60 digits, far into where they saturate.

The arguments are float32, so that both precisions see the same.
"""
import json
import os

from mpmath import erfc, exp, expm1, log, mp, mpf, pi, sqrt, tanh

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
X = [-88.0, -36.0, -30.0, -20.0, -12.5, -9.0, -5.0, -3.25, -1.75, -0.625, -0.03125, 0.03125, 0.5, 1.5, 3.0, 5.0, 9.0, 12.5, 20.0, 36.0, 88.0]
ALPHA = mpf(1.5)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def elu(x):
    return x if x > 0 else ALPHA * expm1(x)


def gelu(x):
    return x * erfc(-x / sqrt(2)) / 2


def gelu_tanh(x):
    return x * sigmoid(2 * sqrt(2 / pi) * (x + mpf(0.044715) * x ** 3))


def gelu_tanh_slope(x):
    k, c = sqrt(2 / pi), mpf(0.044715)
    s = sigmoid(2 * k * (x + c * x ** 3))
    return s + x * s * (1 - s) * 2 * k * (1 + 3 * c * x ** 2)


mp.dps = 400  # 1 - s for s near 1
cases = {
    "ELU": (elu, lambda x: mpf(1) if x > 0 else ALPHA * exp(x)),
    "GELU": (gelu, lambda x: erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * pi)),
    "GELU by tanh": (gelu_tanh, gelu_tanh_slope),
    "SiLU": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "Tanh": (tanh, lambda x: 1 - tanh(x) ** 2),
    "Sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
}
out = {name: {"Value": [float(f(mpf(x))) for x in X], "Slope": [float(d(mpf(x))) for x in X]} for name, (f, d) in cases.items()}
with open(os.path.join(HERE, "slopes.json"), "w") as file:
    json.dump({"X": X, "Cases": out}, file)
    file.write("\n")
