#!/usr/bin/env python3
"""Reference values for the layers of sequences, from PyTorch in float64.

Writes sequences.json beside itself: each network forward and backward. Samples are
sequences of vectors, or of token numbers that are filled up with -1, which PyTorch
gets as packed sequences of the lengths that remain.
"""
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(20261129)
cases = []


def flat(t):
    return np.asarray(t.detach() if torch.is_tensor(t) else t, dtype=float).ravel().tolist()


def case(name, module, x, ids=False, scale=0.6):
    """module gets x of (rows, tokens, size), or of (rows, tokens) ids, -1 for padding."""
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.tensor(rng.normal(size=tuple(p.shape)) * scale))
    t = torch.tensor(x, requires_grad=not ids)
    y = module(t.long() if ids else t)
    dy = rng.normal(size=tuple(y.shape))
    y.backward(torch.tensor(dy))
    theta, grad = [], []
    for m in module.modules():
        for p in m.parameters(recurse=False):
            transposed = isinstance(m, nn.Linear) and p.dim() == 2
            theta += flat(p.T if transposed else p)
            grad += flat(p.grad.T if transposed else p.grad)
    cases.append({
        "name": name, "shape": list(x.shape[1:]), "rows": x.shape[0], "x": flat(x),
        "theta": theta, "y": flat(y), "dy": flat(dy), "grad": grad, "dx": [] if ids else flat(t.grad),
    })


def normal(*shape):
    return rng.normal(size=shape)


class Recurrent(nn.Module):
    """A recurrent layer of PyTorch on whole sequences."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


class Truncated(nn.Module):
    """The gradient is cut before every k-th token."""

    def __init__(self, layer, k):
        super().__init__()
        self.layer, self.k = layer, k

    def forward(self, x):
        state, out = None, []
        for at in range(0, x.shape[1], self.k):
            y, state = self.layer(x[:, at:at + self.k], state)
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            out.append(y)
        return torch.cat(out, 1)


class Text(nn.Module):
    """An embedding, a recurrent layer on packed sequences, and a dense layer on each
    token, on the last, or on the mean."""

    def __init__(self, vocabulary, size, layer, classes, what):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.layer, self.what = layer, what
        self.dense = nn.Linear(layer.hidden_size, classes)

    def forward(self, ids):
        lengths = (ids >= 0).sum(1)
        packed = pack_padded_sequence(self.embedding(ids.clamp(min=0)), lengths, batch_first=True, enforce_sorted=False)
        y, state = self.layer(packed)
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=ids.shape[1])
        if self.what == "last":
            y = (state[0] if isinstance(state, tuple) else state)[-1]
        if self.what == "mean":
            y = y.sum(1) / lengths[:, None]
        return self.dense(y)


class Channels(nn.Module):
    """A convolution over tokens, with zeros before the sequence."""

    def __init__(self, layer, before=0):
        super().__init__()
        self.layer, self.before = layer, before

    def forward(self, x):
        return self.layer(nn.functional.pad(x.transpose(1, 2), (self.before, 0))).transpose(1, 2)


class Tied(nn.Module):
    """Scores from the vectors of the words."""

    def __init__(self, vocabulary, size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.hidden = nn.Linear(size, size)

    def forward(self, ids):
        e = self.embedding(ids.clamp(min=0)) * (ids >= 0)[..., None]
        return torch.tanh(self.hidden(e)) @ self.embedding.weight.T


def ids(*lengths, tokens=6, vocabulary=7):
    x = -np.ones((len(lengths), tokens))
    for i, n in enumerate(lengths):
        x[i, :n] = rng.integers(0, vocabulary, size=n)
    return x


for name, kind in [("simplernn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)]:
    case(name, Recurrent(kind(3, 4, batch_first=True)), normal(3, 5, 3))
    case(name + " of one unit and one token", Recurrent(kind(2, 1, batch_first=True)), normal(2, 1, 2))
    case(name + " of many tokens", Recurrent(kind(3, 5, batch_first=True)), normal(2, 40, 3))
    case(name + " stacked", Recurrent(kind(3, 4, num_layers=2, batch_first=True)), normal(3, 5, 3))
    case(name + " truncated", Truncated(kind(3, 4, batch_first=True), 2), normal(3, 5, 3))
    case(name + " with padding", Text(7, 3, kind(3, 4, batch_first=True), 5, "each"), ids(6, 3, 1, 5), ids=True)
    case(name + " stacked with padding", Text(7, 3, kind(3, 4, num_layers=2, batch_first=True), 5, "each"), ids(2, 6, 4), ids=True)
    case(name + ", last token", Text(7, 3, kind(3, 4, batch_first=True), 2, "last"), ids(6, 3, 1, 5), ids=True)
    case(name + ", mean of tokens", Text(7, 3, kind(3, 4, batch_first=True), 2, "mean"), ids(6, 3, 1, 5), ids=True)

case("conv1d", Channels(nn.Conv1d(3, 4, 3)), normal(2, 6, 3))
case("conv1d with padding", Channels(nn.Conv1d(3, 2, 3, padding=1, bias=False)), normal(3, 5, 3))
case("conv1d with padding and dilation", Channels(nn.Conv1d(2, 3, 2, padding=3, dilation=2)), normal(3, 5, 2))
case("conv1d of one filter and one channel", Channels(nn.Conv1d(1, 1, 2)), normal(3, 5, 1))
case("conv1d causal", Channels(nn.Conv1d(3, 4, 3), 2), normal(2, 6, 3))
case("conv1d causal and dilated", Channels(nn.Conv1d(2, 3, 2, dilation=3), 3), normal(3, 5, 2))
case("conv1d longer than the sequence", Channels(nn.Conv1d(2, 3, 4), 3), normal(3, 2, 2))
case("rmsnorm", nn.RMSNorm(4, eps=0.1), normal(3, 4) * 0.5)
case("rmsnorm of tokens", nn.RMSNorm(4, eps=1e-5), normal(2, 3, 4))
case("layernorm of tokens", nn.LayerNorm(4, eps=1e-5), normal(2, 3, 4))
case("dense of tokens", nn.Linear(3, 4), normal(2, 5, 3))
case("unembedding", Tied(7, 3), ids(6, 3, 1, 5), ids=True)

text = json.dumps(cases, separators=(",", ":"))
(HERE / "sequences.json").write_text(text.replace('},{"', '},\n{"') + "\n")
