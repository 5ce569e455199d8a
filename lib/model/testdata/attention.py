#!/usr/bin/env python3
"""Reference values for the layers of transformers, from PyTorch in float64.

Writes attention.json beside itself: for each case the layers' output, and both
gradients by autograd; and gpt2.safetensors, the weights of the case "gpt" under the
names of GPT-2. Attention is written out, and compared here with
nn.MultiheadAttention, F.scaled_dot_product_attention and nn.TransformerEncoderLayer
wherever those have no NaN: a query that sees no key is NaN there, and 0 here.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(20240229)
HERE = pathlib.Path(__file__).parent
cases = []


def flat(t):
    return t.detach().numpy().ravel().tolist()


def case(name, shape, x, theta, f, ids=False):
    """One case: theta is a list of tensors in the order of Descent's layout."""
    theta = [t.clone().requires_grad_() for t in theta]
    x = x.clone() if ids else x.clone().requires_grad_()
    y = f(x, *theta)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    c = {"Name": name, "Shape": shape, "Rows": x.shape[0], "X": flat(x), "Theta": sum((flat(t) for t in theta), []),
         "Y": flat(y), "DY": flat(dy), "Grad": sum((flat(t.grad) for t in theta), [])}
    if not ids:
        c["DX"] = flat(x.grad)
    cases.append(c)


def turn(q, base):
    """Rotary positions in halves, as apply_rotary_pos_emb of GPT-NeoX and Llama."""
    d, tokens = q.shape[-1], q.shape[-2]
    frequency = 1.0 / base ** (torch.arange(0, d, 2) / d)
    angle = torch.outer(torch.arange(tokens, dtype=torch.float64), frequency)
    angle = torch.cat([angle, angle], -1)
    rotated = torch.cat([-q[..., d // 2:], q[..., : d // 2]], -1)
    return q * angle.cos() + rotated * angle.sin()


def attend(x, heads, w, b, w2, b2, causal=False, hidden=None, rotary=0):
    n, t, size = x.shape
    qkv = x @ w + (0 if b is None else b)
    q, k, v = [u.reshape(n, t, heads, size // heads).transpose(1, 2) for u in qkv.split(size, 2)]
    if rotary:
        q, k = turn(q, rotary), turn(k, rotary)
    mask = torch.zeros(n, 1, t, t, dtype=torch.bool)
    if causal:
        mask = mask | torch.ones(t, t, dtype=torch.bool).triu(1)
    if hidden is not None:
        mask = mask | hidden[:, None, None, :]
    blind = mask.all(-1, keepdim=True)
    scores = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).masked_fill(mask & ~blind, -math.inf)
    y = scores.softmax(-1).masked_fill(blind, 0) @ v
    if not blind.any() and hasattr(F, "scaled_dot_product_attention"):  # from PyTorch 2.0 on
        again = F.scaled_dot_product_attention(q, k, v, attn_mask=~mask)
        assert torch.allclose(y, again, rtol=1e-12, atol=1e-12)
    y = y.transpose(1, 2).reshape(n, t, size)
    out = y @ w2 + (0 if b2 is None else b2)
    if not blind.any() and not rotary:
        m = nn.MultiheadAttention(size, heads, bias=b is not None, batch_first=True)
        with torch.no_grad():
            m.in_proj_weight.copy_(w.T)
            m.out_proj.weight.copy_(w2.T)
            if b is not None:
                m.in_proj_bias.copy_(b)
                m.out_proj.bias.copy_(b2)
        later = torch.ones(t, t, dtype=torch.bool).triu(1) if causal else None
        again, _ = m(x, x, x, key_padding_mask=hidden, attn_mask=later)
        assert torch.allclose(out, again, rtol=1e-12, atol=1e-12)
    return out


def weights(size, bias=True):
    theta = [torch.randn(size, 3 * size) / math.sqrt(size)]
    if bias:
        theta.append(torch.randn(3 * size))
    theta.append(torch.randn(size, size) / math.sqrt(size))
    if bias:
        theta.append(torch.randn(size))
    return theta


def layer(heads, bias=True, **settings):
    if bias:
        return lambda x, w, b, w2, b2: attend(x, heads, w, b, w2, b2, **settings)
    return lambda x, w, w2: attend(x, heads, w, None, w2, None, **settings)


case("attention", [5, 6], torch.randn(3, 5, 6), weights(6), layer(2))
case("causal attention", [5, 6], torch.randn(3, 5, 6), weights(6), layer(3, causal=True))
case("attention without biases", [4, 4], torch.randn(2, 4, 4), weights(4, False), layer(1, False))
case("attention of one token", [1, 4], torch.randn(3, 1, 4), weights(4), layer(2, causal=True))
case("attention over blocks", [70, 4], torch.randn(1, 70, 4), weights(4), layer(2))
case("causal attention over blocks", [70, 4], torch.randn(1, 70, 4), weights(4), layer(2, causal=True))
case("attention to large scores", [6, 4], 30 * torch.randn(2, 6, 4), weights(4), layer(1, causal=True))
case("rotary attention", [7, 8], torch.randn(2, 7, 8), weights(8), layer(2, causal=True, rotary=10000))
case("rotary attention of base 100", [40, 4], torch.randn(2, 40, 4), weights(4, False), layer(1, False, rotary=100))

# Padding: full, after the text, before it, within it, one token, none at all.
ids = torch.tensor([[1, 2, 3, 0, 4], [3, 2, -1, -1, -1], [-1, -1, 4, 1, 1], [2, -1, 0, -1, 3], [1, -1, -1, -1, -1], [-1] * 5],
                   dtype=torch.float64)


def embed(x, table):
    return torch.where((x < 0)[..., None], 0.0, table[x.long().clamp(min=0)])


for name, causal in (("padded attention", False), ("causal padded attention", True)):
    case(name, [5], ids, [torch.randn(5, 4)] + weights(4),
         lambda x, table, *theta: layer(2, causal=causal, hidden=x < 0)(embed(x, table), *theta), ids=True)

case("learned positions", [5, 4], torch.randn(3, 5, 4), [torch.randn(5, 4)], lambda x, p: x + p)


def waves(tokens, size):
    p = torch.zeros(tokens, size)
    angle = torch.arange(tokens)[:, None] * torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    p[:, 0::2], p[:, 1::2] = angle.sin(), angle.cos()
    return p


case("sinusoidal positions", [20, 6], torch.randn(1, 20, 6), [], lambda x: x + waves(20, 6))


def swiglu(x, gate, up, down):
    return (F.silu(x @ gate) * (x @ up)) @ down


case("swiglu", [3, 4], torch.randn(2, 3, 4), [torch.randn(4, 5), torch.randn(4, 5), torch.randn(5, 4)], swiglu)


def gpt_block(x, heads, s1, h1, w, b, w2, b2, s2, h2, w3, b3, w4, b4, hidden=None):
    size = x.shape[-1]
    y = x + attend(F.layer_norm(x, (size,), s1, h1), heads, w, b, w2, b2, causal=True, hidden=hidden)
    y = y + F.gelu(F.layer_norm(y, (size,), s2, h2) @ w3 + b3, approximate="tanh") @ w4 + b4
    if hidden is None:
        m = nn.TransformerEncoderLayer(size, heads, w3.shape[1], 0.0, lambda v: F.gelu(v, approximate="tanh"), batch_first=True, norm_first=True)
        with torch.no_grad():
            for p, v in ((m.self_attn.in_proj_weight, w.T), (m.self_attn.in_proj_bias, b), (m.self_attn.out_proj.weight, w2.T),
                         (m.self_attn.out_proj.bias, b2), (m.linear1.weight, w3.T), (m.linear1.bias, b3), (m.linear2.weight, w4.T),
                         (m.linear2.bias, b4), (m.norm1.weight, s1), (m.norm1.bias, h1), (m.norm2.weight, s2), (m.norm2.bias, h2)):
                p.copy_(v)
        again = m(x, src_mask=torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1))
        assert torch.allclose(y, again, rtol=1e-12, atol=1e-12)
    return y


def gpt_weights(size, units):
    norm = lambda: [1 + torch.randn(size) / 3, torch.randn(size) / 3]
    return norm() + weights(size) + norm() + [torch.randn(size, units) / math.sqrt(size), torch.randn(units),
                                              torch.randn(units, size) / math.sqrt(units), torch.randn(size)]


case("block of gpt", [5, 6], torch.randn(2, 5, 6), gpt_weights(6, 7), lambda x, *theta: gpt_block(x, 2, *theta))


def rms_norm(x, scale):
    y = scale * x / (x.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    if hasattr(F, "rms_norm"):  # from PyTorch 2.4 on
        assert torch.allclose(y, F.rms_norm(x, x.shape[-1:], scale, 1e-5), rtol=1e-12, atol=1e-12)
    return y


def llama_block(x, heads, s1, w, w2, s2, gate, up, down, hidden=None):
    x = x + attend(rms_norm(x, s1), heads, w, None, w2, None, causal=True, hidden=hidden, rotary=10000)
    return x + swiglu(rms_norm(x, s2), gate, up, down)


def llama_weights(size, units):
    scale = lambda: [1 + torch.randn(size) / 3]
    return scale() + weights(size, False) + scale() + [torch.randn(size, units) / math.sqrt(size), torch.randn(size, units) / math.sqrt(size),
                                                       torch.randn(units, size) / math.sqrt(units)]


case("block of llama", [5, 8], torch.randn(2, 5, 8), llama_weights(8, 7), lambda x, *theta: llama_block(x, 2, *theta))


def gpt(x, table, p, *theta):
    h = embed(x, table) + p
    h = gpt_block(gpt_block(h, 2, *theta[:12], hidden=x < 0), 2, *theta[12:24], hidden=x < 0)
    return F.layer_norm(h, (6,), theta[24], theta[25]) @ table.T


def llama(x, table, *theta):
    h = llama_block(llama_block(embed(x, table), 2, *theta[:7], hidden=x < 0), 2, *theta[7:14], hidden=x < 0)
    return rms_norm(h, theta[14]) @ theta[15]


small = [torch.randn(5, 6), torch.randn(5, 6)] + gpt_weights(6, 7) + gpt_weights(6, 7) + [1 + torch.randn(6) / 3, torch.randn(6) / 3]
case("gpt", [5], ids, small, gpt, ids=True)
case("llama", [5], ids, [torch.randn(5, 8)] + llama_weights(8, 7) + llama_weights(8, 7) + [1 + torch.randn(8) / 3, torch.randn(8, 5)],
     llama, ids=True)

text = json.dumps(cases, separators=(",", ":"))
(HERE / "attention.json").write_text(text.replace('},{"', '},\n{"') + "\n")

# The names and shapes of transformers.GPT2Model, whose matrices (Conv1D) are those of Descent. A safetensors file is the length of a
# header in JSON, the header, and the numbers.
parts = ["ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias",
         "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias"]
names = ["wte.weight", "wpe.weight"] + [f"h.{i}.{p}" for i in range(2) for p in parts] + ["ln_f.weight", "ln_f.bias"]
header, data = {}, b""
for name, t in sorted(zip(names, small), key=lambda pair: pair[0]):
    raw = t.numpy().tobytes()
    header[name] = {"dtype": "F64", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
head = json.dumps(header).encode()
head += b" " * (-len(head) % 8)
(HERE / "gpt2.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + data)
