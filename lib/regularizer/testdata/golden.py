"""Reference values of the penalties, and the table of λ against scikit-learn.

golden.json: penalties and their gradients by PyTorch (autograd; for L2 also
weight_decay of torch.optim.SGD), and proximal steps. A proximal step is written
down as its formula and asserted by a general minimiser of its definition
(SciPy) or, for MaxNorm, by torch.renorm.

sklearn.json: the coefficients that scikit-learn's estimators find with the
alpha or C that belongs to λ. For each, the optimality conditions of
mean loss + penalty(λ) are asserted, so the conversion is checked here too.
"""
import json
import os
import warnings

import numpy as np
import torch
from scipy.optimize import minimize
from sklearn.linear_model import (ElasticNet, Lasso, LogisticRegression, MultiTaskLasso, Ridge,
                                  SGDClassifier, SGDRegressor)
from sklearn.svm import LinearSVC

warnings.filterwarnings("error")  # an estimator that has not converged is no reference
torch.set_default_dtype(torch.float64)
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)

# --- penalties -------------------------------------------------------------

theta = rng.normal(0, 1, 12).round(2)
theta[4] = 0.0        # a zero weight
theta[6:9] /= 10      # a small group of 3
theta[6:9] = theta[6:9].round(3)
LAM, RHO, SIZE, STEP, MAX = 0.7, 0.3, 3, 0.5, 1.2


def soft(v, t):
    return np.sign(v) * np.maximum(np.abs(v) - t, 0)


def soft_groups(v, t):
    g = v.reshape(-1, SIZE)
    n = np.linalg.norm(g, axis=1, keepdims=True)
    return (g * np.maximum(1 - t / n, 0)).ravel()


def project(v):
    w = v.reshape(-1, SIZE)
    n = np.linalg.norm(w, axis=0)
    assert (n > MAX).any() and (n < MAX).any(), n
    return (w * np.minimum(1, MAX / n)).ravel()


t = STEP * LAM
penalties = {
    "L2": (lambda v: LAM / 2 * (v**2).sum(), theta / (1 + t)),
    "L1": (lambda v: LAM * v.abs().sum(), soft(theta, t)),
    "ElasticNet": (lambda v: LAM * (RHO * v.abs().sum() + (1 - RHO) / 2 * (v**2).sum()),
                   soft(theta, t * RHO) / (1 + t * (1 - RHO))),
    "GroupLasso": (lambda v: LAM * v.view(-1, SIZE).norm(dim=1).sum(), soft_groups(theta, t)),
    "Chain": (lambda v: 0.3 * v.abs().sum() + 0.5 * v.view(-1, SIZE).norm(dim=1).sum() + 0.1 * (v**2).sum(),
              soft_groups(soft(theta, STEP * 0.3), STEP * 0.5) / (1 + STEP * 0.2)),
}
cases = []
for name, (penalty, prox) in penalties.items():
    v = torch.tensor(theta, requires_grad=True)
    value = penalty(v)
    value.backward()

    def objective(u):
        return 0.5 * ((u - theta) ** 2).sum() + STEP * penalty(torch.tensor(u)).item()

    best = objective(prox)
    for start in (theta, prox, prox + rng.normal(0, 0.1, 12)):
        found = minimize(objective, start, method="Powell", options={"xtol": 1e-10, "ftol": 1e-14, "maxiter": 100000})
        assert best <= found.fun + 1e-9, (name, best, found.fun)
    cases.append({"name": name, "penalty": value.item(), "grad": v.grad.tolist(), "prox": prox.tolist()})

w = torch.nn.Parameter(torch.tensor(theta))
w.grad = torch.zeros_like(w)
torch.optim.SGD([w], lr=1.0, weight_decay=LAM).step()
np.testing.assert_allclose(theta - w.detach().numpy(), cases[0]["grad"], rtol=1e-12)

renorm = torch.renorm(torch.tensor(theta).view(-1, SIZE), 2, 1, MAX).numpy().ravel()
np.testing.assert_allclose(project(theta), renorm, rtol=3e-7)
cases.append({"name": "MaxNorm", "penalty": 0.0, "grad": [0.0] * 12, "prox": project(theta).tolist()})

with open(os.path.join(here, "golden.json"), "w") as out:
    json.dump({"theta": theta.tolist(), "lambda": LAM, "l1_ratio": RHO, "size": SIZE,
               "step": STEP, "max": MAX, "cases": cases}, out, indent=1)
    out.write("\n")

# --- scikit-learn ----------------------------------------------------------

M, N, K = 24, 3, 2
X = rng.normal(0, 1, (M, N)).round(2)
X[:, 2] = (X[:, 2] * 0.3 + X[:, 0]).round(2)   # correlated, so that the penalties differ
y = (X @ [1.5, -0.4, 0.1] + 0.7 + rng.normal(0, 0.5, M)).round(2)
Y = np.stack([y, (X @ [0.8, 0.2, 0.0] - 1 + rng.normal(0, 0.5, M)).round(2)], 1)
label = (X @ [1.0, -1.0, 0.3] + 0.3 + rng.normal(0, 1, M) > 0).astype(float)
lam, rho = 0.2, 0.4


def residual(kind, l1, l2, coef, intercept, group=0.0, fit_intercept=True):
    """Largest violation of 0 ∈ ∂(mean loss + l1‖w‖₁ + l2/2 ‖w‖² + group Σ‖row‖)."""
    W = np.atleast_2d(coef).T
    f = X @ W + intercept
    s = 2 * label[:, None] - 1
    d = {"mse": lambda: 2 * (f - (Y if W.shape[1] == K else y[:, None])) / W.shape[1],
         "log": lambda: 1 / (1 + np.exp(-f)) - label[:, None],
         "squared_hinge": lambda: -2 * s * np.maximum(0, 1 - s * f)}[kind]() / M
    g = X.T @ d + l2 * W
    worst = np.abs(d.sum(0)).max() if fit_intercept else 0.0
    for row, gr in zip(W, g):
        if group:
            n = np.linalg.norm(row)
            worst = max(worst, np.abs(gr + group * row / n).max() if n else np.linalg.norm(gr) - group)
            continue
        for wj, gj in zip(row, gr):
            worst = max(worst, abs(gj + l1 * np.sign(wj)) if wj else abs(gj) - l1)
    return worst


exact = {"tol": 1e-14, "max_iter": 1000000}
models = [  # name, estimator, target, loss, l1, l2, group
    ("Ridge", Ridge(alpha=M * lam / 2, solver="cholesky"), y, "mse", 0, lam, 0),
    ("Lasso", Lasso(alpha=lam / 2, **exact), y, "mse", lam, 0, 0),
    ("ElasticNet", ElasticNet(alpha=lam / 2, l1_ratio=rho, **exact), y, "mse", lam * rho, lam * (1 - rho), 0),
    ("MultiTaskLasso", MultiTaskLasso(alpha=K * lam / 2, **exact), Y, "mse", 0, 0, lam),
    ("LogisticRegression l2", LogisticRegression(C=1 / (M * lam), solver="newton-cg", tol=1e-11, max_iter=10000),
     label, "log", 0, lam, 0),
    ("LogisticRegression l1", LogisticRegression(C=1 / (M * lam / 4), l1_ratio=1, solver="saga", tol=1e-14,
                                                 max_iter=1000000, random_state=0), label, "log", lam / 4, 0, 0),
    ("LinearSVC", LinearSVC(C=1 / (M * lam), dual=False, fit_intercept=False, tol=1e-12, max_iter=100000),
     label, "squared_hinge", 0, lam, 0),
    ("SGDClassifier", SGDClassifier("log_loss", alpha=lam, max_iter=40000, tol=None, random_state=0),
     label, "log", 0, lam, 0),
    ("SGDRegressor", SGDRegressor(alpha=lam / 2, learning_rate="invscaling", eta0=0.3, power_t=0.75,
                                  max_iter=40000, tol=None, random_state=0), y, "mse", 0, lam, 0),
]
fits = []
for name, estimator, target, kind, l1, l2, group in models:
    estimator.fit(X, target)
    intercept = np.atleast_1d(estimator.intercept_)
    r = residual(kind, l1, l2, estimator.coef_, intercept, group, name != "LinearSVC")
    # liblinear stops when the objective changes by 1e-12 of itself, which is 1e-6 of the gradient;
    # SGD ends at rates of 1e-6 (optimal) and 1e-5 (invscaling), and jitters in proportion or its root
    limit = {"SGDClassifier": 1e-5, "SGDRegressor": 1e-3, "LinearSVC": 1e-6}.get(name, 1e-10)
    assert r < limit, (name, r)
    fits.append({"name": name, "coef": np.atleast_2d(estimator.coef_).T.tolist(), "intercept": intercept.tolist(),
                 "limit": limit})
assert (np.array(fits[5]["coef"]) == 0).any()  # L1 selects

with open(os.path.join(here, "sklearn.json"), "w") as out:
    json.dump({"x": X.tolist(), "y": Y.tolist(), "label": label.tolist(), "lambda": lam, "l1_ratio": rho,
               "fits": fits}, out)
    out.write("\n")
