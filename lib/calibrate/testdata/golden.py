"""Reference values for package calibrate: scikit-learn's isotonic regression and CalibratedClassifierCV, and Platt's
sigmoid to 30 digits by mpmath, which scikit-learn's own solver reaches to about six.

Run from any directory; writes golden.json beside this script.
"""
import json
import pathlib

import mpmath
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression

mpmath.mp.dps = 40
HERE = pathlib.Path(__file__).parent
r = np.random.RandomState(5)


def platt(f, y, w):
    w = np.ones(len(f)) if w is None else w
    n1, n0 = mpmath.mpf(w[y == 1].sum()), mpmath.mpf(w[y == 0].sum())
    t = [(n1 + 1) / (n1 + 2) if v else 1 / (n0 + 2) for v in y]
    f, w = [mpmath.mpf(float(v)) for v in f], [mpmath.mpf(float(v)) for v in w]
    a, b = mpmath.mpf(0), mpmath.log((n0 + 1) / (n1 + 1))

    def value(a, b):
        return sum(wi * (mpmath.log(1 + mpmath.exp(a * x + b)) - (1 - ti) * (a * x + b)) for x, ti, wi in zip(f, t, w))
    for _ in range(100):
        p = [1 / (1 + mpmath.exp(a * x + b)) for x in f]
        d = [wi * (ti - pi) for wi, ti, pi in zip(w, t, p)]
        h = [wi * pi * (1 - pi) for wi, pi in zip(w, p)]
        step = mpmath.lu_solve(mpmath.matrix([[sum(hi * x * x for hi, x in zip(h, f)), sum(hi * x for hi, x in zip(h, f))],
                                              [sum(hi * x for hi, x in zip(h, f)), sum(h)]]),
                               mpmath.matrix([sum(di * x for di, x in zip(d, f)), sum(d)]))
        size = mpmath.mpf(1)
        while size > 1e-20 and value(a - size * step[0], b - size * step[1]) > value(a, b):
            size /= 2
        a, b = a - size * step[0], b - size * step[1]
        if mpmath.norm(step) < 1e-30:
            break
    return float(a), float(b)


sigmoids = []
for name, m, scale, shift, weighted in [("plain", 50, 1, 0, False), ("weights", 60, 3, 1, True), ("far", 40, 1e-3, 5, False),
                                        ("large", 40, 200, -30, False), ("separated", 20, 1, 0, False), ("reversed", 50, -2, 0, False)]:
    f = r.randn(m) * scale + shift
    z = (f - shift) / scale
    y = (z > 0).astype(int) if name == "separated" else (r.rand(m) < 1 / (1 + np.exp(-1.5 * z))).astype(int)
    w = np.round(r.rand(m) * 3, 1) if weighted else None
    a, b = platt(f, y, w)
    s = _sigmoid_calibration(f, y, w)
    assert np.allclose(1 / (1 + np.exp(a * f + b)), 1 / (1 + np.exp(s[0] * f + s[1])), atol=2e-5), (name, a, b, s)
    sigmoids.append({"name": name, "score": f.tolist(), "truth": y.tolist(), "weight": None if w is None else w.tolist(), "a": a, "b": b})

isotonics = []
for name, m, ties, weighted in [("plain", 40, False, False), ("ties", 60, True, False), ("weights", 50, True, True), ("one", 1, False, False),
                                ("descending", 20, False, False), ("ascending", 20, False, False)]:
    x = np.round(r.randn(m), 1 if ties else 6)
    y = (r.rand(m) < 1 / (1 + np.exp(-2 * x))).astype(float) if m > 20 else r.randn(m)
    if name == "descending":
        y = -x
    if name == "ascending":
        y = x ** 3
    w = np.round(r.rand(m) * 3, 1) if weighted else None
    grid = np.concatenate([x, r.randn(30) * 2, [-10, 10]])
    p = IsotonicRegression(out_of_bounds="clip").fit(x, y, w).predict(grid)
    isotonics.append({"name": name, "x": x.tolist(), "y": y.tolist(), "weight": None if w is None else w.tolist(), "grid": grid.tolist(), "out": p.tolist()})


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose scores are its features."""

    def fit(self, x, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, x):
        return x if x.shape[1] > 1 else x[:, 0]

    def predict(self, x):
        return np.argmax(x, axis=1) if x.shape[1] > 1 else (x[:, 0] > 0).astype(int)


classifiers = []
for columns in (1, 3):
    x = r.randn(120, columns) * 2
    y = (r.rand(120) < 1 / (1 + np.exp(-x[:, 0]))).astype(int) if columns == 1 else np.argmax(x + r.gumbel(size=x.shape) * 1.5, axis=1)
    new = np.concatenate([r.randn(20, columns) * 3, np.full((1, columns), -20.0)])
    for method in ("sigmoid", "isotonic"):
        c = CalibratedClassifierCV(Given(), method=method, ensemble=False).fit(x, y)
        classifiers.append({"kind": method, "scores": x.tolist(), "truth": y.tolist(), "new": new.tolist(), "out": c.predict_proba(new).tolist()})

(HERE / "golden.json").write_text(json.dumps({"sigmoids": sigmoids, "isotonics": isotonics, "classifiers": classifiers}, separators=(",", ":")) + "\n")
