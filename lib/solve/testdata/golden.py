#!/usr/bin/env python3
"""Reference values for package solve, from scikit-learn and NumPy.

Each is also compared here with a plain transcription of what defines it: the
normal equations, the KKT conditions, or a vanishing gradient.
"""
import json
import os
import warnings

import numpy as np
import scipy.optimize
import sklearn.datasets
from sklearn.linear_model import (ElasticNet, Lasso, LinearRegression,
                                  LogisticRegression, Ridge, enet_path)

# scikit-learn complains where rounding ends its line search; newton() judges.
warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))


def save(name, value):
    def plain(v):
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items()}
        if isinstance(v, (list, tuple)):
            return [plain(x) for x in v]
        if isinstance(v, np.ndarray):
            return plain(v.tolist())
        if isinstance(v, (float, np.floating)):
            return int(v) if float(v).is_integer() and abs(v) < 1e15 else float(v)
        return v.item() if isinstance(v, np.generic) else v
    with open(os.path.join(HERE, name + ".json"), "w") as f:
        json.dump(plain(value), f, separators=(",", ":"))
        f.write("\n")


def close(a, b, tol=1e-10):
    a, b = np.asarray(a), np.asarray(b)
    assert np.abs(a - b).max() <= tol * np.abs(b).max(), np.abs(a - b).max() / np.abs(b).max()


def theta(model):
    """(b, W) as the library lays it out: intercepts, then weights by input."""
    return np.concatenate([np.ravel(model.intercept_), np.atleast_2d(model.coef_).T.ravel()])


def normal_equations(x, y, w, lam):
    """argmin Σw‖y−f‖²/(kΣw) + ½λ‖W‖², from its gradient = 0."""
    y = y.reshape(len(x), -1)
    k = y.shape[1]
    a = np.hstack([np.ones((len(x), 1)), x])
    penalty = lam * w.sum() * k / 2 * np.diag([0] + [1] * x.shape[1])
    scale = np.sqrt((a * a).sum(0))
    a = a / scale
    return (np.linalg.solve(a.T @ (w[:, None] * a) + penalty / np.outer(scale, scale),
                            a.T @ (w[:, None] * y)) / scale[:, None]).ravel()


def check_kkt(x, y, w, t, lam, ratio):
    """The subgradient of Σw(y−f)²/Σw + λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²) holds 0."""
    v = w / w.sum()
    r = y - t[0] - x @ t[1:]
    g = -2 * x.T @ (v * r) + lam * (1 - ratio) * t[1:]
    scale = 2 * np.abs(x.T @ (v * (y - v @ y))).max()
    assert abs(v @ r) <= 1e-9 * np.abs(y).max()
    for gj, wj in zip(g, t[1:]):
        miss = abs(gj + lam * ratio * np.sign(wj)) if wj else max(0, abs(gj) - lam * ratio)
        assert miss <= 1e-9 * scale, miss / scale


def regression():
    data = sklearn.datasets.load_diabetes(scaled=False)
    x, y = data.data, data.target
    m = len(y)
    rng = np.random.default_rng(1)
    w = rng.integers(0, 4, m).astype(float)
    ones = np.ones(m)
    two = np.column_stack([y, x[:, 3] * 0.5 + rng.integers(0, 50, m)])
    out = {"x": x, "y": y, "y2": two[:, 1], "w": w, "cases": []}

    def add(name, kind, lam, ratio, weighted, outputs, t):
        out["cases"].append({"name": name, "kind": kind, "lambda": lam, "ratio": ratio,
                             "weighted": weighted, "outputs": outputs, "theta": t})

    t = theta(LinearRegression().fit(x, y))
    scale = np.sqrt((x * x).sum(0))
    close(t, np.linalg.lstsq(np.hstack([np.ones((m, 1)), x / scale]), y, rcond=None)[0]
          / np.concatenate([[1], scale]))
    add("least squares", "ls", 0, 0, False, 1, t)
    t = theta(LinearRegression().fit(x, y, w))
    close(t, normal_equations(x, y, w, 0), 1e-9)
    add("least squares, weights", "ls", 0, 0, True, 1, t)
    t = theta(LinearRegression().fit(x, two))
    close(t, normal_equations(x, two, ones, 0), 1e-9)
    add("least squares, two outputs", "ls", 0, 0, False, 2, t)
    for lam in [0.01, 1, 100]:
        t = theta(Ridge(alpha=lam * m / 2, solver="svd").fit(x, y))
        close(t, normal_equations(x, y, ones, lam))
        add(f"ridge {lam}", "ridge", lam, 0, False, 1, t)
    t = theta(Ridge(alpha=0.5 * w.sum() / 2, solver="svd").fit(x, y, w))
    close(t, normal_equations(x, y, w, 0.5))
    add("ridge, weights", "ridge", 0.5, 0, True, 1, t)
    t = theta(Ridge(alpha=0.5 * m * 2 / 2, solver="svd").fit(x, two))
    close(t, normal_equations(x, two, ones, 0.5))
    add("ridge, two outputs", "ridge", 0.5, 0, False, 2, t)

    tight = dict(tol=1e-15, max_iter=1000000)
    for lam in [0.5, 20, 200]:
        t = theta(Lasso(alpha=lam / 2, **tight).fit(x, y))
        check_kkt(x, y, ones, t, lam, 1)
        add(f"lasso {lam}", "net", lam, 1, False, 1, t)
    for lam, ratio in [(2, 0.5), (20, 0.9), (0.1, 0.1)]:
        t = theta(ElasticNet(alpha=lam / 2, l1_ratio=ratio, **tight).fit(x, y))
        check_kkt(x, y, ones, t, lam, ratio)
        add(f"elastic net {lam} {ratio}", "net", lam, ratio, False, 1, t)
    t = theta(ElasticNet(alpha=5, l1_ratio=0.7, **tight).fit(x, y, sample_weight=w))
    check_kkt(x, y, w, t, 10, 0.7)
    add("elastic net, weights", "net", 10, 0.7, True, 1, t)
    t = theta(ElasticNet(alpha=5, l1_ratio=0.7, **tight).fit(x, two))
    add("elastic net, two outputs", "net", 5, 0.7, False, 2, t)

    xc, yc = x - x.mean(0), y - y.mean()
    out["paths"] = []
    for ratio in [1, 0.5]:
        alphas, coefs, _ = enet_path(xc, yc, l1_ratio=ratio, n_alphas=20, eps=1e-3,
                                     precompute=False, **tight)
        for a, c in zip(alphas, coefs.T):
            check_kkt(xc, yc, ones, np.concatenate([[0], c]), 2 * a, ratio)
        out["paths"].append({"ratio": ratio, "lambdas": 2 * alphas, "coefficients": coefs.T,
                             "intercepts": y.mean() - coefs.T @ x.mean(0)})
    save("regression", out)


def newton(x, y, w, lam):
    """argmin Σw·BCE/Σw + ½λ‖w‖² by Newton's method."""
    v = w / w.sum()
    a = np.hstack([np.ones((len(x), 1)), x])
    scale = np.sqrt((a * a).mean(0))
    a = a / scale
    d = lam * np.concatenate([[0], np.ones(x.shape[1])]) / scale**2
    t = np.zeros(a.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-(a @ t)))
        g = a.T @ (v * (p - y)) + d * t
        h = a.T @ ((v * p * (1 - p))[:, None] * a) + np.diag(d)
        t = t - np.linalg.solve(h, g)
    assert np.abs(g).max() < 1e-14
    return t / scale


def logistic():
    data = sklearn.datasets.load_breast_cancer()
    x, y = data.data[::2, :5], data.target[::2]
    m = len(y)
    w = np.random.default_rng(2).integers(0, 4, m).astype(float)
    out = {"x": x, "y": y, "w": w, "cases": []}
    for name, lam, weighted in [("none", 0, False), ("l2 0.001", 0.001, False),
                                ("l2 0.1", 0.1, False), ("none, weights", 0, True),
                                ("l2 0.01, weights", 0.01, True)]:
        s = w if weighted else np.ones(m)
        t = newton(x, y, s, lam)
        # Of scikit-learn's solvers newton-cholesky goes to the last digits.
        settings = {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 1000}
        if lam == 0:
            # Without a penalty it wants standardised features.
            mean, sd = x.mean(0), x.std(0)
            fit = LogisticRegression(C=np.inf, **settings).fit((x - mean) / sd, y, s)
            c = fit.coef_[0] / sd
            close(np.concatenate([fit.intercept_ - c @ mean, c]), t, 1e-9)
        else:
            fit = LogisticRegression(C=1 / (lam * s.sum()), **settings)
            close(theta(fit.fit(x, y, s)), t, 1e-9)
        out["cases"].append({"name": name, "lambda": lam, "weighted": weighted, "theta": t})
    save("logistic", out)


def softmax():
    data = sklearn.datasets.load_iris()
    x, y = data.data, data.target
    m = len(y)
    lam = 0.01
    fit = LogisticRegression(C=1 / (lam * m), solver="newton-cg",
                             tol=1e-14, max_iter=1000).fit(x, y)
    t = theta(fit)
    f = fit.intercept_ + x @ fit.coef_.T
    p = np.exp(f - f.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    g = (p - np.eye(3)[y]) / m
    print("softmax gradient", np.abs(x.T @ g + lam * fit.coef_.T).max(), np.abs(g.sum(0)).max())
    assert np.abs(x.T @ g + lam * fit.coef_.T).max() < 1e-8
    save("softmax", {"x": x, "y": y, "lambda": lam, "theta": t})


def decay():
    """Least squares for y = a·exp(−bx) + c, which is not convex, by scipy's Newton-CG."""
    x = np.linspace(0, 3, 25)
    y = 2.5 * np.exp(-1.3 * x) + 0.5 + np.random.default_rng(4).normal(0, 0.1, len(x))

    def parts(t):
        e = np.exp(-t[1] * x)
        jacobian = np.stack([e, -t[0] * x * e, np.ones(len(x))])
        second = np.zeros((3, 3, len(x)))
        second[0, 1] = second[1, 0] = -x * e
        second[1, 1] = t[0] * x * x * e
        return t[0] * e + t[2] - y, jacobian, second

    def value(t):
        return (parts(t)[0] ** 2).mean()

    def gradient(t):
        r, j, _ = parts(t)
        return 2 * (j @ r) / len(x)

    def hessian(t):
        r, j, s = parts(t)
        return 2 * (j @ j.T + s @ r) / len(x)

    start = np.array([1.0, 0.1, 0.0])
    fit = scipy.optimize.minimize(value, start, method="Newton-CG", jac=gradient, hess=hessian,
                                  options={"xtol": 1e-14, "maxiter": 1000})
    t = fit.x
    for _ in range(3):  # to the last digit, where its line search ends
        t = t - np.linalg.solve(hessian(t), gradient(t))
    assert np.abs(gradient(t)).max() < 1e-15, gradient(t)
    close(fit.x, t, 1e-6)
    save("decay", {"x": x, "y": y, "start": start, "theta": t, "value": value(t),
                   "hessian": hessian(start)})


regression()
logistic()
softmax()
decay()
