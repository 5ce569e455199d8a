"""Reference values for package tabular, from scikit-learn's pipelines over a table of customers that is made here.

Run from any directory; writes customers.csv and golden.json beside this script.
"""
import csv
import json
import pathlib

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, brier_score_loss, f1_score, log_loss,
                             mean_absolute_error, mean_squared_error, median_absolute_error, r2_score, roc_auc_score)
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
r = np.random.RandomState(3)
m = 240
names = ["customer", "age", "income", "city", "plan", "note", "churned", "tier", "spent", "weight"]
age = r.randint(18, 90, m).astype(float)
income = np.round(np.exp(r.randn(m) * 0.5 + 3.5), 2)
city = r.choice(["Bern", "Basel", "Zürich", "Genf", "Chur", "Sion", "Zug"], m, p=[.3, .25, .2, .15, .04, .04, .02])
plan = r.choice(["basic", "plus", "premium", ""], m, p=[.5, .3, .15, .05])
good, bad = "fast friendly helpful great support works".split(), "slow rude broken waiting refund cancel".split()
z = 0.03 * (age - 50) - 0.02 * (income - 35) + (plan == "basic") - 0.7 * (city == "Bern") + r.randn(m)
note = [" ".join(r.choice(bad if v + r.randn() > 0.6 else good, 5)) + f" case {i}" for i, v in enumerate(z)]
churned = np.where(z > 0.6, "yes", "no")
tier = np.where(z + r.randn(m) * 0.5 > 1, "gold", np.where(z + r.randn(m) * 0.5 > 0, "silver", "bronze"))
spent = np.round(20 + 3 * z + 0.1 * income + r.randn(m), 2)
weight = np.round(r.rand(m) * 2, 1)
age[r.rand(m) < 0.1] = np.nan
with open(HERE / "customers.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(names)
    for i in range(m):
        w.writerow([f"c{i:04d}", "" if np.isnan(age[i]) else int(age[i]), income[i], city[i], plan[i], note[i], churned[i], tier[i], spent[i], weight[i]])

X = np.empty((m, 5), object)
X[:, 0], X[:, 1], X[:, 2], X[:, 3], X[:, 4] = age, income, city, plan, note
INFREQUENT, LAMBDA = 8, 0.01


def pipeline(model):
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    categories = OneHotEncoder(min_frequency=INFREQUENT, handle_unknown="infrequent_if_exist")
    return make_pipeline(ColumnTransformer([("n", numbers, [0, 1]), ("c", categories, [2, 3]), ("t", TfidfVectorizer(max_features=1000), 4)], sparse_threshold=0), model)


def logistic(rows):
    return LogisticRegression(C=1 / (LAMBDA * rows), solver="lbfgs", tol=1e-11, max_iter=100000)


def fit(model, x, y, weights=None):
    p = pipeline(model)
    last = p.steps[-1][0]
    return p.fit(x, y, **({} if weights is None else {f"{last}__sample_weight": weights}))


def scores(p, x, y, positive=None):
    pred, prob = p.predict(x), p.predict_proba(x)
    s = {"accuracy": accuracy_score(y, pred), "balanced accuracy": balanced_accuracy_score(y, pred), "log loss": log_loss(y, prob)}
    if positive:
        s |= {"F1": f1_score(y, pred, pos_label=positive), "ROC AUC": roc_auc_score(y == positive, prob[:, 1]),
              "average precision": average_precision_score(y == positive, prob[:, 1]), "Brier score": brier_score_loss(y == positive, prob[:, 1])}
    else:
        s |= {"F1": f1_score(y, pred, average="macro"), "ROC AUC": roc_auc_score(y, prob, multi_class="ovr", average="macro")}
    return s


def values(p, x, y):
    pred = p.predict(x)
    return {"R2": r2_score(y, pred), "RMSE": mean_squared_error(y, pred) ** 0.5, "MAE": mean_absolute_error(y, pred), "median AE": median_absolute_error(y, pred)}


out = {"infrequent": INFREQUENT, "lambda": LAMBDA}
for name, y, positive in [("churned", churned, "yes"), ("tier", tier, None)]:
    p = fit(logistic(m), X, y)
    folds = [(a, b) for a, b in StratifiedKFold(4).split(X, y)]
    out[name] = {"probabilities": p.predict_proba(X).tolist(), "scores": scores(p, X, y, positive),
                 "folds": [{"Train": a.tolist(), "Test": b.tolist()} for a, b in folds],
                 "foldScores": [scores(fit(logistic(len(a)), X[a], y[a]), X[b], y[b], positive) for a, b in folds]}
folds = list(KFold(4).split(X))
p = fit(Ridge(alpha=LAMBDA * m / 2, solver="cholesky"), X, spent)
out["spent"] = {"values": p.predict(X).tolist(), "scores": values(p, X, spent), "folds": [{"Train": a.tolist(), "Test": b.tolist()} for a, b in folds],
                "foldScores": [values(fit(Ridge(alpha=LAMBDA * len(a) / 2, solver="cholesky"), X[a], spent[a]), X[b], spent[b]) for a, b in folds]}
# A weight of 0 is a row that is not there. The preparation has no weights.
used = weight > 0
p = fit(LogisticRegression(C=1 / (LAMBDA * weight.sum()), tol=1e-11, max_iter=100000), X[used], churned[used], weight[used])
out["weighted"] = {"probabilities": p.predict_proba(X).tolist()}
(HERE / "golden.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
