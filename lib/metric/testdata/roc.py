"""Writes roc.json: areas under ROC curves of many classes, from scikit-learn and from their meaning.

The area is the share of pairs of rows, one of the class and one not, of which the first has the higher score; equal
scores count half. scikit-learn takes no weights with multi_class="ovo": there each row is written as often as its
weight says.
"""
import itertools
import json
import os

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.preprocessing import label_binarize

HERE = os.path.dirname(os.path.abspath(__file__))


def wins(high, low):
    """The area, from pairs of (score, weight)."""
    pairs = [(w * v, w * v * (1 if s > t else .5 if s == t else 0)) for s, w in high for t, v in low]
    return sum(won for _, won in pairs) / sum(all_ for all_, _ in pairs)


def case(name, truth, prob, weight=None):
    truth, classes = np.asarray(truth), prob.shape[1]
    w = np.ones(len(truth)) if weight is None else np.asarray(weight, float)
    score = lambda scheme, average, t=truth, p=prob, **kw: float(roc_auc_score(t, p, multi_class=scheme, average=average, **kw))
    of = lambda rows, k: [(prob[i, k], w[i]) for i in rows]
    each = [wins(of(np.where(truth == k)[0], k), of(np.where(truth != k)[0], k)) for k in range(classes)]
    share = np.array([w[truth == k].sum() for k in range(classes)])
    pairs = list(itertools.combinations(range(classes), 2))
    between = [(wins(of(np.where(truth == a)[0], a), of(np.where(truth == b)[0], a)) +
                wins(of(np.where(truth == b)[0], b), of(np.where(truth == a)[0], b))) / 2 for a, b in pairs]
    together = [(prob[i, k], w[i], truth[i] == k) for i in range(len(truth)) for k in range(classes)]
    written = np.repeat(np.arange(len(truth)), w.astype(int))
    out = dict(
        name=name, truth=truth.tolist(), columns=classes, prob=prob.ravel().tolist(), weight=weight,
        classes=[float(a) for a in roc_auc_score(truth, prob, multi_class="ovr", average=None, sample_weight=weight)],
        rest={a: score("ovr", a, sample_weight=weight) for a in ("macro", "weighted", "micro")},
        one={a: score("ovo", a, truth[written], prob[written]) for a in ("macro", "weighted")})
    formula = dict(
        classes=each,
        rest=dict(macro=np.mean(each), weighted=np.dot(each, share) / share.sum(),
                  micro=wins([t[:2] for t in together if t[2]], [t[:2] for t in together if not t[2]])),
        one=dict(macro=np.mean(between), weighted=np.average(between, weights=[share[a] + share[b] for a, b in pairs])))
    for key, want in formula.items():
        got = out[key]
        for a, b in zip(got.values() if isinstance(got, dict) else got, want.values() if isinstance(want, dict) else want):
            assert abs(a - b) < 1e-12, (name, key, got, want)
    fpr, tpr, _ = roc_curve(truth == 1, prob[:, 1], sample_weight=weight, drop_intermediate=False)
    out["fpr"], out["tpr"] = fpr.tolist(), tpr.tolist()
    is_ = label_binarize(truth, classes=range(classes)).ravel() if classes > 2 else np.eye(2)[truth].ravel()
    fpr, tpr, _ = roc_curve(is_, prob.ravel(), sample_weight=np.repeat(w, classes), drop_intermediate=False)
    out["microFPR"], out["microTPR"] = fpr.tolist(), tpr.tolist()
    return out


def draw(rng, n, shares, decimals, noise=1.0):
    k = len(shares)
    truth = np.concatenate([np.arange(k), rng.choice(k, n - k, p=shares)])
    z = np.eye(k)[truth] * 1.5 + rng.normal(size=(n, k)) * noise
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    p = p.round(decimals)
    p[:, -1] = 1 - p[:, :-1].sum(1)
    return truth, np.clip(p, 0, 1)


rng = np.random.default_rng(6)
three, rare, five = draw(rng, 40, [.3, .3, .4], 6), draw(rng, 70, [.9, .05, .05], 2), draw(rng, 60, [.2] * 5, 1)
cases = [
    case("three classes", *three),
    case("three classes, whole weights with zeros", *three, [1] * 3 + rng.integers(0, 4, 37).tolist()),
    case("rare classes", *rare),
    case("five classes with ties", *five),
    case("five classes with ties and weights", *five, rng.integers(1, 4, 60).tolist()),
    case("four classes, upside down", *draw(rng, 30, [.25] * 4, 5, 4.0)),
]
with open(os.path.join(HERE, "roc.json"), "w") as f:
    json.dump(cases, f, separators=(",", ":"), allow_nan=False)
    f.write("\n")
