"""Reference values for package inspect, from scikit-learn's permutation_importance and partial_dependence.

The permutations are those that scikit-learn draws, drawn again here.
Run from any directory; writes golden.json beside this script.
"""
import json
import pathlib

import numpy as np
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge

HERE = pathlib.Path(__file__).parent
r = np.random.RandomState(4)
m, n, repeats = 60, 4, 3
x = r.randn(m, n)
x[:, 3] = np.round(x[:, 3] * 2)
target = x @ [2, -1, 0, 0.5] + r.randn(m) * 0.3
label = (target > 0).astype(int)
ridge, logistic = Ridge(alpha=1).fit(x, target), LogisticRegression().fit(x, label)

importance = permutation_importance(ridge, x, target, n_repeats=repeats, random_state=11)
seed = np.random.RandomState(11).randint(np.iinfo(np.int32).max + 1)
orders = []
for j in range(n):
    state, drawn, order = np.random.RandomState(seed), np.arange(m), np.arange(m)
    for k in range(repeats):
        state.shuffle(drawn)
        order = order[drawn]  # scikit-learn shuffles what is shuffled already
        orders.append(order.tolist())
        changed = x.copy()
        changed[:, j] = changed[order, j]
        assert abs(ridge.score(x, target) - ridge.score(changed, target) - importance.importances[j, k]) < 1e-14
dependence = []
for j in range(n):
    for name, model, method in [("ridge", ridge, "auto"), ("logistic", logistic, "predict_proba")]:
        d = partial_dependence(model, x, [j], kind="both", grid_resolution=8, response_method=method)
        dependence.append({"model": name, "column": j, "grid": d["grid_values"][0].tolist(), "mean": d["average"][0].tolist(),
                           "individual": d["individual"][0].tolist()})
(HERE / "golden.json").write_text(json.dumps({
    "x": x.tolist(), "target": target.tolist(), "ridge": [ridge.intercept_, *ridge.coef_], "logistic": [*logistic.intercept_, *logistic.coef_[0]],
    "repeats": repeats, "orders": orders, "mean": importance.importances_mean.tolist(), "std": importance.importances_std.tolist(),
    "dependence": dependence}, separators=(",", ":")) + "\n")
