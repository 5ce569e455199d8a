"""Reference values for package tune, from scikit-learn 1.2.1.

Cross-validation scores and curves are computed here a second time with a plain
transcription of the formulas. Run from any directory; writes golden.json beside
this script.
"""
import itertools
import json
import pathlib

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    KFold, ParameterGrid, StratifiedKFold, cross_validate, learning_curve, validation_curve)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent


def standardize(train, test):
    mean, std = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / std, (test - mean) / std


def r2(y, p):
    return 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def ridge_scores(x, y, train, test, alpha):
    """Train and test R² of ridge regression with an intercept on standardized features."""
    a, b = standardize(x[train], x[test])
    centre = y[train].mean()
    w = np.linalg.solve(a.T @ a + alpha * np.eye(a.shape[1]), a.T @ (y[train] - centre))
    return r2(y[train], a @ w + centre), r2(y[test], b @ w + centre)


def logistic_probabilities(x, y, train, test, c):
    """Probabilities of the test rows after Newton's method for ½‖w‖² + C·Σ loss."""
    a, b = standardize(x[train], x[test])
    a, b = (np.column_stack([np.ones(len(m)), m]) for m in (a, b))
    penalty = np.eye(a.shape[1])
    penalty[0, 0] = 0
    w = np.zeros(a.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-a @ w))
        w -= np.linalg.solve(penalty + c * (a.T * (p * (1 - p))) @ a, penalty @ w + c * a.T @ (p - y[train]))
    return 1 / (1 + np.exp(-b @ w))


def log_loss(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def same(a, b, tolerance=1e-9):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape and np.all(np.abs(a - b) <= tolerance * np.abs(b).max()), (a, b)


def ridge(alpha=1.0):
    return make_pipeline(StandardScaler(), Ridge(alpha=alpha))


golden = {}

# Ridge on diabetes. The features in their own units, so that the scaler matters.
x, y = load_diabetes(return_X_y=True, scaled=False)
folds = list(KFold(5).split(x))
got = cross_validate(ridge(10.0), x, y, cv=folds, return_train_score=True)
golden["ridge"] = {
    "alpha": 10.0,
    "train": got["train_score"].tolist(), "test": got["test_score"].tolist(),
    "mean": got["test_score"].mean(), "std": got["test_score"].std(),
}
plain = np.array([ridge_scores(x, y, *f, 10.0) for f in folds])
same(got["train_score"], plain[:, 0])
same(got["test_score"], plain[:, 1])

alphas = [0.1, 10.0, 300.0, 10000.0]
train, test = validation_curve(ridge(), x, y, param_name="ridge__alpha", param_range=alphas, cv=folds)
golden["validation"] = {"alphas": alphas, "train": train.tolist(), "test": test.tolist(),
                        "trainMean": train.mean(axis=1).tolist(), "trainStd": train.std(axis=1).tolist(),
                        "testMean": test.mean(axis=1).tolist(), "testStd": test.std(axis=1).tolist()}
plain = np.array([[ridge_scores(x, y, *f, a) for f in folds] for a in alphas])
same(train, plain[:, :, 0])
same(test, plain[:, :, 1])

shares = [0.05, 0.1, 0.33, 0.7, 1.0]
sizes, train, test = learning_curve(ridge(5.0), x, y, train_sizes=shares, cv=folds)
golden["learning"] = {"alpha": 5.0, "shares": shares, "sizes": sizes.tolist(),
                      "train": train.tolist(), "test": test.tolist()}
plain = np.array([[ridge_scores(x, y, f[0][:n], f[1], 5.0) for f in folds] for n in sizes])
same(train, plain[:, :, 0])
same(test, plain[:, :, 1])

# Logistic regression on breast cancer.
x, y = load_breast_cancer(return_X_y=True)
folds = list(StratifiedKFold(4).split(x, y))
c = 0.3
model = make_pipeline(StandardScaler(), LogisticRegression(C=c, solver="newton-cg", tol=1e-8))
got = cross_validate(model, x, y, cv=folds, scoring=["accuracy", "neg_log_loss"])
golden["logistic"] = {"c": c, "accuracy": got["test_accuracy"].tolist(), "logLoss": (-got["test_neg_log_loss"]).tolist()}
plain = [(y[test], logistic_probabilities(x, y, train, test, c)) for train, test in folds]
same(got["test_accuracy"], [np.mean((p > 0.5) == t) for t, p in plain])
same(-got["test_neg_log_loss"], [log_loss(t, p) for t, p in plain], 1e-8)

# The order of a grid.
grid = {"rate": [0.1, 0.01], "depth": [3, 1, 2], "Kind": ["b", "a"], "on": [True]}
points = list(ParameterGrid(grid))
names = sorted(grid)
assert points == [dict(zip(names, v)) for v in itertools.product(*(grid[n] for n in names))]
golden["grid"] = points

(HERE / "golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
