#!/usr/bin/env python3
"""Writes the embedded data files and the golden values that the tests compare them with.

Run from any directory with NumPy and scikit-learn 1.2 installed; no network is used:

    python3 datasets/data/export.py

Every number is written with repr, the shortest decimal that reads back as the same float64, so nothing is
rounded. The gzip headers carry no time, so the same data give the same bytes.
"""
import gzip
import json
from pathlib import Path

import numpy as np
from sklearn import datasets

DATA = Path(__file__).resolve().parent
GOLDEN = DATA.parent / "testdata" / "golden.json"


def number(v):
    v = float(v)
    return str(int(v)) if v == int(v) else repr(v)


def write(name, x, y):
    """One line a sample: the features, then the target; no header."""
    lines = [",".join(number(v) for v in row) for row in np.column_stack([x, y])]
    text = ("\n".join(lines) + "\n").encode()
    packed = gzip.compress(text, compresslevel=9, mtime=0)
    back = np.loadtxt(gzip.decompress(packed).decode().splitlines(), delimiter=",", ndmin=2)
    assert np.array_equal(back[:, :-1], x) and np.array_equal(back[:, -1], y), name
    (DATA / f"{name}.csv.gz").write_bytes(packed)


def summary(x, y, **more):
    return {
        "shape": list(x.shape),
        "sum": [float(v) for v in x.sum(axis=0)],
        "min": [float(v) for v in x.min(axis=0)],
        "max": [float(v) for v in x.max(axis=0)],
        # Weighting by the row number makes the order of the rows count.
        "row_weighted_sum": [float(v) for v in np.arange(1, len(x) + 1) @ x],
        "target_sum": float(y.sum()),
        "target_row_weighted_sum": float(np.arange(1, len(y) + 1) @ y),
        "first": [float(v) for v in x[0]],
        "last": [float(v) for v in x[-1]],
        **more,
    }


def article():
    """The data of the article's section 4.1.3, drawn exactly as its NumPy code draws them."""
    np.random.seed(0)
    x = np.random.rand(100, 2)
    y = 2 * x[:, 0] + 3 * x[:, 1] + np.random.randn(100)
    return x, y


def main():
    golden = {}
    bunches = {
        "iris": datasets.load_iris(),
        "wine": datasets.load_wine(),
        "breast_cancer": datasets.load_breast_cancer(),
        "digits": datasets.load_digits(),
    }
    for name, b in bunches.items():
        write(name, b.data, b.target)
        golden[name] = summary(b.data, b.target, counts=[int(c) for c in np.bincount(b.target)],
                               classes=[str(c) for c in b.target_names])

    raw = datasets.load_diabetes(scaled=False)
    scaled = datasets.load_diabetes()
    centred = raw.data - raw.data.mean(axis=0)
    assert np.allclose(centred / np.linalg.norm(centred, axis=0), scaled.data, atol=1e-12)
    write("diabetes", raw.data, raw.target)
    golden["diabetes"] = summary(raw.data, raw.target)

    x, y = article()
    write("article_numpy", x, y)
    a = np.column_stack([np.ones(len(x)), x])
    golden["article_numpy"] = summary(x, y, least_squares=[float(v) for v in np.linalg.lstsq(a, y, rcond=None)[0]])

    # The noiseless shapes of scikit-learn's generators, an odd number of samples, sorted since ours are shuffled.
    for name, (x, y) in {
        "moons": datasets.make_moons(11, shuffle=False),
        "circles": datasets.make_circles(11, shuffle=False, factor=0.4),
    }.items():
        rows = np.column_stack([y, x])
        golden[name] = {"rows": [[float(v) for v in row] for row in rows]}

    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(golden, separators=(",", ":")).replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
