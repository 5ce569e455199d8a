#!/usr/bin/env python3
"""Reference values for lib/model, from PyTorch in float64.

Writes layers.json (each layer forward and backward), convolutions.json (those
with dilation and groups), networks.json (small networks over steps of training)
and linear.json beside itself. Each layer is
also compared with a plain transcription of its formula: the output directly,
the gradients through central differences of the transcription.
"""
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(20240229)


def write(name, value):
    text = json.dumps(value, separators=(",", ":"))
    (HERE / name).write_text(text.replace('},{"', '},\n{"') + "\n")


def flat(t):
    return np.asarray(t.detach() if torch.is_tensor(t) else t, dtype=float).ravel().tolist()


def ours(module):
    """The parameters in the order and shape of Descent: Dense keeps the transpose."""
    out = []
    for m in module.modules():
        for p in m.parameters(recurse=False):
            out.append((m, p))
    return [(p, p.T if isinstance(m, nn.Linear) and p.dim() == 2 else p) for m, p in out]


def theta(module):
    return sum((flat(v) for _, v in ours(module)), [])


def gradient(module):
    grads = []
    for p, v in ours(module):
        g = p.grad if p.grad is not None else torch.zeros_like(p)
        grads += flat(g.T if v.shape != p.shape or v is not p else g)
    return grads


# ---- plain transcriptions: f(x, theta) with numpy loops ----

def plain_dense(n, k, bias=True):
    def f(x, th):
        w = th[: n * k].reshape(n, k)
        b = th[n * k:] if bias else np.zeros(k)
        return np.array([[b[j] + sum(row[i] * w[i, j] for i in range(n)) for j in range(k)] for row in x])
    return f


def plain_conv(filters, channels, kernel, stride, padding, bias=True, dilation=1, groups=1):
    seen, part = channels // groups, filters // groups
    extent = (kernel - 1) * dilation + 1

    def f(x, th):
        w = th[: filters * seen * kernel**2].reshape(filters, seen, kernel, kernel)
        b = th[w.size:] if bias else np.zeros(filters)
        m, _, h, v = x.shape
        oh, ow = (h + 2 * padding - extent) // stride + 1, (v + 2 * padding - extent) // stride + 1
        y = np.zeros((m, filters, oh, ow))
        for s, o, i, j in np.ndindex(y.shape):
            y[s, o, i, j] = b[o]
            for c, u, t in np.ndindex(seen, kernel, kernel):
                r, q = i * stride + u * dilation - padding, j * stride + t * dilation - padding
                if 0 <= r < h and 0 <= q < v:
                    y[s, o, i, j] += w[o, c, u, t] * x[s, o // part * seen + c, r, q]
        return y
    return f


def plain_pool(size, stride, padding, average):
    def f(x, th):
        m, c, h, v = x.shape
        oh, ow = (h + 2 * padding - size) // stride + 1, (v + 2 * padding - size) // stride + 1
        y = np.zeros((m, c, oh, ow))
        for s, o, i, j in np.ndindex(y.shape):
            values = [x[s, o, r, q]
                      for r in range(i * stride - padding, i * stride - padding + size)
                      for q in range(j * stride - padding, j * stride - padding + size)
                      if 0 <= r < h and 0 <= q < v]
            y[s, o, i, j] = sum(values) / size**2 if average else max(values)
        return y
    return f


def plain_norm(axes, eps, parameter_shape):
    def f(x, th):
        half = th.size // 2
        scale, shift = th[:half].reshape(parameter_shape), th[half:].reshape(parameter_shape)
        mu = x.mean(axis=axes, keepdims=True)
        var = ((x - mu) ** 2).mean(axis=axes, keepdims=True)
        return scale * (x - mu) / np.sqrt(var + eps) + shift
    return f


def elementwise(f):
    return lambda x, th: np.vectorize(f)(x)


def plain_softmax(x, th):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def plain_embedding(size, mean, padding):
    def f(x, th):
        table = th.reshape(-1, size)
        if not mean:
            return np.array([[table[int(i)] if int(i) != padding else 0 * table[0] for i in row] for row in x])
        out = []
        for row in x:
            words = [table[int(i)] for i in row if int(i) != padding]
            out.append(sum(words) / len(words) if words else 0 * table[0])
        return np.array(out)
    return f


def sigmoid(v):
    return 1 / (1 + math.exp(-v))


def numeric(f, v, h=1e-6):
    g = np.zeros_like(v)
    for i in range(v.size):
        p, q = v.copy(), v.copy()
        p.flat[i] += h
        q.flat[i] -= h
        g.flat[i] = (f(p) - f(q)) / (2 * h)
    return g


# ---- layers ----

cases = []


def layer(name, module, plain, x, warm=None, ids=False, kernel=True):
    """One case. warm is a batch that a normalisation has seen before."""
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.tensor(rng.normal(size=tuple(p.shape))))
            pad = getattr(module, "padding_idx", None)
            if pad is not None:
                p[pad] = 0
    th = np.array(theta(module))
    module.train()
    if warm is not None:
        module(torch.tensor(warm))
    t = torch.tensor(x, requires_grad=not ids)
    y = module(t.long() if ids else t)
    dy = rng.normal(size=tuple(y.shape))
    y.backward(torch.tensor(dy))
    module.eval()
    evaluated = module(torch.tensor(x).long() if ids else torch.tensor(x))
    grad = np.array(gradient(module))

    reference = plain(x, th)
    assert np.allclose(reference, y.detach().numpy(), rtol=1e-12, atol=1e-13), name
    if th.size:
        want = numeric(lambda v: (plain(x, v) * dy).sum(), th)
        assert np.allclose(want, grad, rtol=1e-6, atol=1e-7), (name, "parameters")
    if not ids:
        want = numeric(lambda v: (plain(v, th) * dy).sum(), x)
        assert np.allclose(want, t.grad.numpy(), rtol=1e-6, atol=1e-7), (name, "input")

    buffers = {}
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        buffers = {"mean": flat(module.running_mean), "variance": flat(module.running_var)}
        mean, var = np.zeros(x.shape[1]), np.ones(x.shape[1])
        axes = tuple(i for i in range(x.ndim) if i != 1)
        for batch in (warm, x):
            mean += module.momentum * (batch.mean(axis=axes) - mean)
            var += module.momentum * (batch.var(axis=axes, ddof=1) - var)
        assert np.allclose(mean, buffers["mean"]) and np.allclose(var, buffers["variance"]), name
    cases.append({
        "name": name, "shape": list(x.shape[1:]), "rows": x.shape[0], "x": flat(x),
        "warm": flat(warm) if warm is not None else [],
        "theta": th.tolist(), "y": flat(y), "dy": flat(dy), "evaluated": flat(evaluated),
        "grad": grad.tolist(), "dx": [] if ids else flat(t.grad), "buffers": buffers,
    })


def normal(*shape):
    return rng.normal(size=shape)


class Skip(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.inner = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.inner(x)


layer("dense", nn.Linear(5, 3), plain_dense(5, 3), normal(4, 5))
layer("dense without biases", nn.Linear(5, 3, bias=False), plain_dense(5, 3, False), normal(4, 5))
layer("dense with one unit", nn.Linear(4, 1), plain_dense(4, 1), normal(3, 4))
layer("conv", nn.Conv2d(2, 3, 3), plain_conv(3, 2, 3, 1, 0), normal(2, 2, 5, 4))
layer("conv with padding", nn.Conv2d(2, 3, 3, padding=1), plain_conv(3, 2, 3, 1, 1), normal(2, 2, 4, 5))
layer("conv with stride", nn.Conv2d(2, 2, 3, stride=2, padding=1), plain_conv(2, 2, 3, 2, 1), normal(2, 2, 6, 5))
layer("conv with stride above kernel", nn.Conv2d(1, 2, 2, stride=3, padding=2), plain_conv(2, 1, 2, 3, 2), normal(2, 1, 6, 4))
layer("conv with kernel above image", nn.Conv2d(1, 2, 4, padding=2, bias=False), plain_conv(2, 1, 4, 1, 2, False), normal(2, 1, 2, 3))
layer("maxpool", nn.MaxPool2d(2), plain_pool(2, 2, 0, False), normal(2, 2, 5, 4))
layer("maxpool with padding", nn.MaxPool2d(3, 2, 1), plain_pool(3, 2, 1, False), normal(2, 2, 5, 6) - 2)
layer("maxpool overlapping", nn.MaxPool2d(3, 1), plain_pool(3, 1, 0, False), normal(2, 1, 5, 4))
layer("avgpool", nn.AvgPool2d(2), plain_pool(2, 2, 0, True), normal(2, 2, 5, 4))
layer("avgpool with padding", nn.AvgPool2d(3, 2, 1), plain_pool(3, 2, 1, True), normal(2, 2, 5, 6))
layer("flatten", nn.Flatten(), lambda x, th: x.reshape(x.shape[0], -1), normal(2, 2, 3, 2))
layer("batchnorm of features", nn.BatchNorm1d(3, eps=0.1, momentum=0.3),
      plain_norm((0,), 0.1, (3,)), normal(4, 3) * 0.5 + 1, normal(4, 3))
layer("batchnorm of an image", nn.BatchNorm2d(2, eps=0.1, momentum=0.3),
      plain_norm((0, 2, 3), 0.1, (1, 2, 1, 1)), normal(2, 2, 3, 2) * 0.5 + 1, normal(2, 2, 3, 2))
layer("batchnorm by default", nn.BatchNorm1d(3), plain_norm((0,), 1e-5, (3,)), normal(5, 3) * 0.01, normal(5, 3))
layer("layernorm of features", nn.LayerNorm(4, eps=0.1), plain_norm((1,), 0.1, (4,)), normal(3, 4) * 0.5)
layer("layernorm of an image", nn.LayerNorm([2, 3, 2], eps=0.1), plain_norm((1, 2, 3), 0.1, (2, 3, 2)), normal(2, 2, 3, 2) * 0.5)
layer("layernorm of tokens", nn.LayerNorm(4), plain_norm((2,), 1e-5, (4,)), normal(2, 3, 4))

wide = np.concatenate([normal(2, 6) * 3, [[-30.0, -8.0, -1e-3, 1e-3, 8.0, 30.0]]])
layer("relu", nn.ReLU(), elementwise(lambda v: max(v, 0.0)), wide)
layer("leakyrelu", nn.LeakyReLU(0.01), elementwise(lambda v: v if v > 0 else 0.01 * v), wide)
layer("elu", nn.ELU(1.0), elementwise(lambda v: v if v > 0 else math.expm1(v)), wide)
layer("elu with alpha", nn.ELU(0.7), elementwise(lambda v: v if v > 0 else 0.7 * math.expm1(v)), wide)
layer("gelu", nn.GELU(), elementwise(lambda v: v / 2 * (1 + math.erf(v / math.sqrt(2)))), wide)
layer("gelu approximate", nn.GELU(approximate="tanh"),
      elementwise(lambda v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))), wide)
layer("silu", nn.SiLU(), elementwise(lambda v: v * sigmoid(v)), wide)
layer("tanh", nn.Tanh(), elementwise(math.tanh), wide)
layer("sigmoid", nn.Sigmoid(), elementwise(sigmoid), wide)
layer("softmax", nn.Softmax(dim=-1), plain_softmax, wide)
layer("softmax of tokens", nn.Softmax(dim=-1), plain_softmax, normal(2, 3, 4))
layer("residual", Skip(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3)),
      lambda x, th: x + plain_dense(5, 3)(np.tanh(plain_dense(3, 5)(x, th[:20])), th[20:]), normal(4, 3))

tokens = np.array([[3, 1, 0, 0], [2, 2, 4, 0], [0, 0, 0, 0], [4, 3, 2, 1]], dtype=float)
layer("embedding", nn.Embedding(5, 3, padding_idx=0), plain_embedding(3, False, 0), tokens, ids=True)
layer("embedding without padding", nn.Embedding(5, 2), plain_embedding(2, False, -1), tokens, ids=True)
layer("mean of embeddings", nn.EmbeddingBag(5, 3, mode="mean", padding_idx=0), plain_embedding(3, True, 0), tokens, ids=True)
layer("mean of embeddings without padding", nn.EmbeddingBag(5, 2, mode="mean"), plain_embedding(2, True, -1), tokens, ids=True)
write("layers.json", cases)

# ---- networks over steps of training ----

networks = []


def train(name, module, x, y, loss, make, steps, sizes, ids=False):
    torch.manual_seed(0)
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.tensor(rng.normal(size=tuple(p.shape)) * 0.5))
    for m in module.modules():
        if isinstance(m, nn.EmbeddingBag):
            with torch.no_grad():
                m.weight[m.padding_idx] = 0
    start, losses = theta(module), []
    optimizer, rate = make(module.parameters())
    tx, ty = torch.tensor(x), torch.tensor(y)
    tx = tx.long() if ids else tx
    at = 0
    module.train()
    for step in range(steps):
        size = sizes[step % len(sizes)]
        if at + size > len(x):
            at = 0
        optimizer.zero_grad()
        value = loss(module(tx[at:at + size]), ty[at:at + size])
        value.backward()
        if step == 0:
            grad = gradient(module)
        optimizer.step()
        losses.append(value.item())
        at += size
    module.eval()
    buffers = {}
    for i, m in enumerate(module.modules()):
        if isinstance(m, nn.BatchNorm2d):
            buffers.setdefault("mean", []).extend(flat(m.running_mean))
            buffers.setdefault("variance", []).extend(flat(m.running_var))
    networks.append({
        "name": name, "rate": rate, "steps": steps, "sizes": sizes,
        "shape": list(x.shape[1:]), "rows": len(x), "x": flat(x), "y": flat(y),
        "start": start, "grad": grad, "losses": losses, "theta": theta(module),
        "predicted": flat(module(tx)), "buffers": buffers,
    })


def sgd(p):
    return torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True), 0.02


def adam(p):
    return torch.optim.Adam(p, lr=0.01, foreach=False), 0.01


train("multilayer perceptron",
      nn.Sequential(nn.Linear(5, 7), nn.GELU(), nn.LayerNorm(7), nn.Linear(7, 6), nn.Tanh(), nn.Linear(6, 2)),
      normal(12, 5), normal(12, 2), nn.MSELoss(), sgd, 30, [8, 4])
train("convolutional network",
      nn.Sequential(
          nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
          Skip(nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.SiLU(), nn.Conv2d(3, 3, 3, padding=1)),
          nn.AvgPool2d(2), nn.Flatten(), nn.Linear(3, 2)),
      normal(10, 2, 6, 5), normal(10, 2), nn.MSELoss(), adam, 30, [4, 4, 2])
words = rng.integers(0, 6, size=(12, 4)).astype(float)
train("text classifier",
      nn.Sequential(nn.EmbeddingBag(6, 4, mode="mean", padding_idx=0), nn.Linear(4, 3), nn.ELU(), nn.Linear(3, 1)),
      words, rng.integers(0, 2, size=(12, 1)).astype(float), nn.BCEWithLogitsLoss(), adam, 30, [12], ids=True)


class Factorization(nn.Module):
    def __init__(self, users, items, rank):
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(1))
        self.bu, self.bi = nn.Parameter(torch.zeros(users)), nn.Parameter(torch.zeros(items))
        self.p, self.q = nn.Parameter(torch.zeros(users, rank)), nn.Parameter(torch.zeros(items, rank))

    def forward(self, x):
        u, i = x[:, 0], x[:, 1]
        return (self.mean + self.bu[u] + self.bi[i] + (self.p[u] * self.q[i]).sum(1))[:, None]


pairs = np.stack([rng.integers(0, 4, 15), rng.integers(0, 5, 15)], axis=1).astype(float)
train("matrix factorization", Factorization(4, 5, 3), pairs, normal(15, 1) + 3, nn.MSELoss(), sgd, 30, [10, 5], ids=True)
write("networks.json", networks)

# ---- linear models and their curvature ----

linear = []
for name, n, k, intercept in [("one output", 4, 1, True), ("three outputs", 4, 3, True),
                              ("no intercept", 5, 2, False), ("no intercept, one output", 3, 1, False)]:
    x = normal(6, n) * (rng.random((6, n)) < 0.6)
    b, w, dy = normal(k), normal(n, k), normal(6, k)
    b = b if intercept else 0 * b
    wide_x = np.hstack([np.ones((6, 1)), x]) if intercept else x
    curvature = np.linalg.eigvalsh(wide_x.T @ wide_x / 6)[-1]
    assert np.isclose(curvature, np.linalg.svd(wide_x)[1][0] ** 2 / 6)
    t = nn.Linear(n, k, bias=intercept)
    with torch.no_grad():
        t.weight.copy_(torch.tensor(w.T))
        if intercept:
            t.bias.copy_(torch.tensor(b))
    y = t(torch.tensor(x))
    y.backward(torch.tensor(dy))
    assert np.allclose(y.detach(), b + x @ w)
    assert np.allclose(t.weight.grad.T, x.T @ dy)
    head = flat(b) if intercept else []
    ghead = flat(t.bias.grad) if intercept else []
    linear.append({"name": name, "inputs": n, "outputs": k, "intercept": intercept, "rows": 6,
                   "x": flat(x), "theta": head + flat(w), "y": flat(y), "dy": flat(dy),
                   "grad": ghead + flat(t.weight.grad.T), "curvature": float(curvature)})
write("linear.json", linear)

# ---- convolutions with dilation and groups, from a stream of random numbers that is theirs ----

rng, cases = np.random.default_rng(20241116), []
for name, channels, filters, kernel, stride, padding, dilation, groups, bias, height, width in [
    ("dilation", 2, 3, 3, 1, 0, 2, 1, True, 7, 6),
    ("dilation with padding", 1, 2, 3, 1, 2, 2, 1, True, 5, 6),
    ("dilation with a stride of the same size", 2, 2, 3, 2, 1, 2, 1, True, 8, 7),
    ("dilation with a stride prime to it", 1, 2, 4, 2, 3, 3, 1, True, 10, 9),
    ("dilation and stride with a common divisor", 1, 2, 3, 4, 5, 6, 1, False, 9, 14),
    ("dilation with a kernel of one pixel", 2, 3, 1, 2, 0, 3, 1, True, 4, 5),
    ("groups", 4, 6, 3, 1, 1, 1, 2, True, 5, 4),
    ("depthwise", 3, 3, 3, 1, 1, 1, 3, True, 4, 5),
    ("depthwise with a multiplier and a stride", 3, 6, 3, 2, 1, 1, 3, False, 6, 5),
    ("groups of a pointwise convolution", 4, 2, 1, 1, 0, 1, 2, True, 3, 3),
    ("groups and dilation", 4, 4, 2, 3, 2, 2, 2, True, 7, 6),
]:
    layer(name, nn.Conv2d(channels, filters, kernel, stride, padding, dilation, groups, bias),
          plain_conv(filters, channels, kernel, stride, padding, bias, dilation, groups), normal(2, channels, height, width))
write("convolutions.json", cases)
