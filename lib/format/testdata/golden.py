"""Files of NumPy, and safetensors and IDX files written by hand from their specifications.

Each is checked here: NumPy reads its own back, the others are taken apart again.
Run from any directory; writes golden.json beside this script.
"""
import base64
import io
import json
import math
import pathlib
import struct
from fractions import Fraction

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
cases = {"npy": [], "npz": [], "safetensors": [], "idx": [], "half": []}


def b64(data):
    return base64.b64encode(data).decode()


def values(a):
    """Row by row, as text, since JSON has no NaN."""
    return [repr(float(v)) for v in np.ascontiguousarray(a).ravel()]


TYPES = {"f8": "float64", "f4": "float32", "f2": "float16", "i8": "int64", "i4": "int32", "i2": "int16", "i1": "int8",
         "u8": "uint64", "u4": "uint32", "u2": "uint16", "u1": "uint8", "b1": "bool"}


def numbers(kind, shape):
    """Numbers at both ends of the type, small ones between, all of which float64 has."""
    n = int(np.prod(shape, dtype=int))
    if kind == "b1":
        flat = np.arange(n) % 3 == 1
    elif kind[0] == "f":
        flat = (np.arange(n) - 2.5) * np.pi
        special = [np.finfo(kind).max, np.finfo(kind).tiny / 4, -0.0, np.inf, -np.inf, np.nan]
        flat[1:1 + len(special)] = special[:max(0, n - 1)]
    else:
        info = np.iinfo(kind)
        flat = [(-1 if info.min else 1) * k for k in range(n)]
        ends = [info.min, info.max] if info.bits < 64 else [-2**63, 2**53] if info.min else [0, 2**64 - 2048]
        flat[1:1 + len(ends)] = ends[:max(0, n - 1)]
    return np.array(flat).astype(kind).reshape(shape)


def npy(name, a, version=None, written_by_us=False):
    f = io.BytesIO()
    if version is None:
        np.save(f, a)
    else:
        np.lib.format.write_array(f, a, version=version)
    f.seek(0)
    back = np.load(f)
    assert back.dtype == a.dtype and back.tobytes() == a.tobytes()
    cases["npy"].append({"name": name, "type": TYPES[a.dtype.str[1:]], "shape": list(a.shape), "values": values(a),
                         "file": b64(f.getvalue()), "written": written_by_us})


for kind in TYPES:
    npy(kind, numbers(kind, (3, 4)), written_by_us=True)
    npy(kind + " Fortran order", np.asfortranarray(numbers(kind, (3, 4))))
    if not kind.endswith("1"):
        npy(kind + " big-endian", numbers(kind, (2, 5)).astype(">" + kind))
for shape in [(), (0,), (1,), (7,), (10,), (2, 0), (1, 1), (2, 3, 4), (2, 1, 3, 2), (1,) * 32]:
    npy("shape %s" % (shape,), numbers("f8", shape), written_by_us=True)
npy("Fortran order of rank 3", np.asfortranarray(numbers("f8", (2, 3, 4))))
npy("Fortran order, rank 4, big-endian", np.asfortranarray(numbers("i4", (2, 3, 1, 4)).astype(">i4")))
npy("long", np.arange(5000, dtype="u1"), written_by_us=True)
for version in [(2, 0), (3, 0)]:
    npy("version %d.%d" % version, numbers("f8", (2, 3)), version)

members = {"weights": numbers("f8", (3, 2)), "labels": numbers("u1", (4,)), "π": numbers("f4", ())}
for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
    f = io.BytesIO()
    save(f, **members)
    cases["npz"].append({"name": name, "file": b64(f.getvalue()), "members": {
        k: {"type": TYPES[v.dtype.str[1:]], "shape": list(v.shape), "values": values(v)} for k, v in members.items()}})


def safetensors(name, tensors, metadata=None):
    """From the specification: 8 bytes of length, JSON padded with spaces to 8 bytes, then the numbers.

    tensors: (name, dtype, array, bytes) in the order of the file.
    """
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for tensor, dtype, a, raw in tensors:
        header[tensor] = {"dtype": dtype, "shape": list(a.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    file = struct.pack("<Q", len(text)) + text + data
    n, = struct.unpack_from("<Q", file)
    for tensor, info in json.loads(file[8:8 + n]).items():
        if tensor != "__metadata__":
            begin, end = info["data_offsets"]
            assert file[8 + n + begin:8 + n + end] == next(t[3] for t in tensors if t[0] == tensor)
    names = {"BF16": "bfloat16", "BOOL": "bool"}
    cases["safetensors"].append({"name": name, "file": b64(file), "metadata": metadata or {}, "tensors": {
        t: {"type": names.get(dtype) or TYPES[dtype[0].lower() + str(int(dtype[1:]) // 8)],
            "shape": list(a.shape), "values": values(a)} for t, dtype, a, _ in tensors}})


def plain(name, dtype, shape):
    kind = "b1" if dtype == "BOOL" else dtype[0].lower() + str(int(dtype[1:]) // 8)
    a = numbers(kind, shape)
    return name, dtype, a, a.astype("<" + kind if kind != "b1" else kind).tobytes()


bf16 = torch.tensor([1.0, -2.5, 3.140625, float("inf"), 3.3895314e38, 9.1835e-41, -0.0], dtype=torch.bfloat16)
bf16_bytes = bf16.view(torch.int16).numpy().astype("<i2").tobytes()
# All types, in the order of the reference implementation (dtype descending, then name).
order = ["U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "I8", "U8", "BOOL"]
every = [plain("t." + d, d, (2, 3)) if d != "BF16" else ("t.BF16", "BF16", bf16.double().numpy(), bf16_bytes) for d in order]
safetensors("all types", every)
safetensors("metadata, names to escape", [plain('a "quoted" <name>', "F64", (2,)), plain("größe", "F64", ())],
            {"format": "pt", "note": "tabs\tand\nlines, λ & <>"})
safetensors("empty tensors", [plain("a", "F64", (0,)), plain("b", "F64", (2, 0)), plain("c", "F64", (1,)), plain("d", "F64", (0, 3))])
safetensors("nothing", [])

# float16 and bfloat16 as NumPy and PyTorch round them, ties and the borders of the range included.
rng = np.random.RandomState(3)
xs = np.concatenate([rng.randn(40) * 10.0 ** rng.randint(-9, 4, 40), [
    1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 65504, 65519, 2**-24, 2**-25, 3 * 2**-25, 2**-14 - 2**-25, 2047.5, 4095, 0.0, -0.0]])


def rounded(x, mantissa, least):
    """x with so many bits after the first, of exponents from least on; Python rounds ties to even."""
    e = max(math.frexp(x)[1] - 1, least) - mantissa
    return math.copysign(float(round(Fraction(x) / Fraction(2) ** e) * Fraction(2) ** e), x)


for x in map(float, xs):
    half, brain = rounded(x, 10, -14), rounded(x, 7, -126)
    assert half == float(np.float64(x).astype("f2")), x
    if float(np.float32(x)) == x:  # torch goes through float32
        assert brain == float(torch.tensor(x, dtype=torch.float64).to(torch.bfloat16)), x
    cases["half"].append([repr(x), repr(half), repr(brain)])
assert len(cases["half"]) > 40


def idx(name, code, kind, shape):
    a = numbers(kind, shape)
    file = bytes([0, 0, code, len(shape)]) + struct.pack(">%dI" % len(shape), *shape) + a.astype(">" + kind).tobytes()
    assert np.frombuffer(file[4 + 4 * len(shape):], ">" + kind).tobytes() == a.astype(">" + kind).tobytes()
    cases["idx"].append({"name": name, "type": TYPES[kind], "shape": list(shape), "values": values(a), "file": b64(file)})


for code, kind in [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")]:
    idx("type %#04x" % code, code, kind, (2, 3, 2))
idx("labels", 0x08, "u1", (5,))

(HERE / "golden.json").write_text(json.dumps(cases, separators=(",", ":"), ensure_ascii=False) + "\n")
