#!/usr/bin/env python3
"""Values and derivatives of every operation of lib/grad, from PyTorch in float64.

Each case has operands, the result y, a vector u of its shape, and the derivative of
sum(u*y) by each operand that has one.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(21)
cases = []


def case(name, f, *operands, ids=()):
    x = [torch.tensor(np.asarray(o, dtype=float), requires_grad=i not in ids) for i, o in enumerate(operands)]
    y = f(*x)
    u = torch.tensor(rng.normal(size=tuple(y.shape)))
    grads = torch.autograd.grad((u * y).sum(), [v for v in x if v.requires_grad], allow_unused=True)
    grads = iter(grads)
    out = {"name": name, "y": flat(y), "yShape": list(y.shape), "u": flat(u), "operands": []}
    for v in x:
        g = next(grads) if v.requires_grad else None
        out["operands"].append({"shape": list(v.shape), "values": flat(v), "grad": None if g is None else flat(g)})
    cases.append(out)


def flat(t):
    return t.detach().reshape(-1).tolist()


def normal(*shape):
    return rng.normal(size=shape)


def positive(*shape):
    return rng.uniform(0.3, 3, size=shape)


def whole(limit, *shape):
    return rng.integers(0, limit, size=shape)


PAIRS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((), (2, 2)), ((0, 3), (3,)), ((2, 3, 1, 2), (3, 4, 1)), ((1, 1), (2, 1, 1))]
BINARY = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Maximum": torch.maximum, "Minimum": torch.minimum}
for a, b in PAIRS:
    for name, f in BINARY.items():
        case(name, f, normal(*a), normal(*b))
        case(name, f, whole(2, *a), whole(2, *b))  # with ties
    case("Div", torch.div, normal(*a), positive(*b))
    case("Pow", torch.pow, positive(*a), normal(*b))
case("Pow", torch.pow, [0.0, 0.0, 2.0], [2.0, 0.0, 0.0])
case("Pow", torch.pow, [-2.0, -2.0, 0.0, 0.0], [2.0, 0.0, 1.0, 0.0], ids=(1,))
case("Pow", torch.pow, [0.0, 0.0], [3.0, 1.0])

UNARY = {
    "AddScalar 3": lambda x: x + 3, "MulScalar -3": lambda x: -3 * x, "Neg": torch.neg, "Square": torch.square, "Abs": torch.abs,
    "Clip -1 0.5": lambda x: torch.clamp(x, -1, 0.5), "Exp": torch.exp, "Sin": torch.sin, "Cos": torch.cos, "Tanh": torch.tanh,
    "Sigmoid": torch.sigmoid, "Softplus": F.softplus, "ReLU": torch.relu, "GELU": F.gelu,
    "GELUTanh": lambda x: F.gelu(x, approximate="tanh"), "PowScalar 3": lambda x: x ** 3, "PowScalar 2": lambda x: x ** 2,
    "PowScalar 1": lambda x: x ** 1, "PowScalar 0": lambda x: x ** 0,
}
for name, f in UNARY.items():
    case(name, f, 2 * normal(2, 3, 2))
    if "Clip" not in name:  # the derivative at a bound differs between versions
        case(name, f, [-1.0, 0.0, 0.5, 1.0, -0.0])
    case(name, f, normal(0, 2))
    if name not in ("Exp", "PowScalar 3"):
        case(name, f, [-30.0, 15.0, 19.0])
for name, f in {"Log": torch.log, "Sqrt": torch.sqrt, "PowScalar 2.5": lambda x: x ** 2.5, "PowScalar -1": lambda x: x ** -1}.items():
    case(name, f, positive(2, 3))

REDUCE = {
    "Sum": torch.sum, "Mean": torch.mean, "Max": torch.amax, "Min": torch.amin, "LogSumExp": torch.logsumexp,
    "Variance": lambda x, dim: torch.var(x, dim, unbiased=False),
}
for name, f in REDUCE.items():
    for axes in [(0,), (-1,), (1,), (0, 2), (0, 1, 2)]:
        for x in [normal(2, 3, 4), whole(2, 2, 3, 4), normal(1, 3, 1)]:
            case(" ".join([name, *map(str, axes)]), lambda x: f(x, dim=axes), x)
case("Sum 1", lambda x: x.sum(1), normal(2, 0, 3))
case("Sum 0", lambda x: x.sum(0), normal(2, 0, 3))
case("LogSumExp 0", lambda x: torch.logsumexp(x, 0), [1000.0, 999.0, -1000.0])

case("Reshape", lambda x: x.reshape(3, -1), normal(2, 3, 2))
case("Flatten", lambda x: x.flatten(1), normal(2, 3, 2))
case("Transpose", lambda x: x.permute(2, 1, 0), normal(2, 3, 4))
case("Transpose 1 0 2", lambda x: x.permute(1, 0, 2), normal(2, 3, 4))
case("Transpose 2 0 1", lambda x: x.permute(2, 0, 1), normal(2, 3, 4))
case("Slice 1 1 3", lambda x: x[:, 1:3], normal(2, 4, 2))
case("Broadcast", lambda x: x.expand(2, 3, 4), normal(3, 1))
case("Concat 1", lambda a, b: torch.cat([a, b], 1), normal(2, 3, 2), normal(2, 1, 2))
case("Stack 1", lambda a, b: torch.stack([a, b], 1), normal(2, 3), normal(2, 3))

for a, b in [((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 2)), ((3,), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((5, 2, 3), (3, 2)),
             ((5, 2, 3), (5, 3, 2)), ((2, 3), (4, 3, 2)), ((2, 1, 2, 3), (3, 3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2))]:
    case("MatMul", torch.matmul, normal(*a), normal(*b))
for stride, padding in [(1, 0), (1, 2), (2, 1), (3, 2)]:
    case(f"Conv2D {stride} {padding}", lambda x, w: F.conv2d(x, w, stride=stride, padding=padding), normal(2, 3, 5, 6), normal(4, 3, 3, 2))
for size, stride in [(2, 2), (3, 1), (2, 3)]:
    case(f"MaxPool {size} {stride}", lambda x: F.max_pool2d(x, size, stride), normal(2, 3, 5, 6))
    case(f"MaxPool {size} {stride}", lambda x: F.max_pool2d(x, size, stride), whole(2, 1, 1, 5, 5))
    case(f"AvgPool {size} {stride}", lambda x: F.avg_pool2d(x, size, stride), normal(2, 3, 5, 6))

for axis in (0, 1, -1):
    for x in [normal(2, 3, 4), 300 * normal(3, 2, 2), normal(3, 1, 1), normal(0, 2, 2)]:
        case(f"Softmax {axis}", lambda x: F.softmax(x, axis), x)
        case(f"LogSoftmax {axis}", lambda x: F.log_softmax(x, axis), x)
case("CrossEntropy", lambda x, y: F.cross_entropy(x, y.long(), reduction="none"), normal(4, 3), whole(3, 4), ids=(1,))

case("Gather", lambda t, i: F.embedding(i.long(), t), normal(4, 3), whole(4, 2, 5), ids=(1,))
case("Pick", lambda x, i: x.gather(1, i.long()[:, None])[:, 0], normal(4, 3), whole(3, 4), ids=(1,))
case("Where", lambda c, a, b: torch.where(c != 0, a, b), whole(2, 3), normal(2, 1), normal(4, 1, 1), ids=(0,))
case("LayerNorm", lambda x, g, b: F.layer_norm(x, (4,), g, b), normal(3, 4), normal(4), normal(4))
case("Attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v) if hasattr(F, "scaled_dot_product_attention")
     else F.softmax(q @ k.mT / 2, -1) @ v, normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 3))



def lstm(x, w, u, b):
    h = c = torch.zeros(2, 3)
    for step in x:
        h, c = torch.lstm_cell(step, (h, c), w, u, b, torch.zeros(12))
    return h


case("LSTM", lstm, normal(4, 2, 5), normal(12, 5), normal(12, 3), normal(12))

with open(os.path.join(HERE, "golden.json"), "w") as f:
    json.dump(cases, f, separators=(",", ":"), allow_nan=False)
    f.write("\n")
