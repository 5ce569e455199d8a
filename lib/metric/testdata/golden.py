"""Writes the reference values of package metric, from scikit-learn and, where it has none, from plain formulas.

Every value that scikit-learn computes is also asserted against a transcription of the formula that loops over rows.
"""
import json
import math
import os
import warnings

import numpy as np
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve
from sklearn.exceptions import UndefinedMetricWarning

warnings.simplefilter("ignore", UndefinedMetricWarning)
warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
HERE = os.path.dirname(os.path.abspath(__file__))


def save(name, value):
    def plain(v):
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items()}
        if isinstance(v, (list, tuple, np.ndarray)):
            return [plain(x) for x in v]
        if isinstance(v, (np.integer, np.bool_)):
            return int(v)
        if isinstance(v, np.floating):
            return float(v)
        return v

    with open(os.path.join(HERE, name + ".json"), "w") as f:
        json.dump(plain(value), f, separators=(",", ":"), allow_nan=False)
        f.write("\n")


def same(a, b, what):
    assert np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-12, atol=1e-14), (what, a, b)


def ones(y, w):
    return np.ones(len(y)) if w is None else np.asarray(w, float)


# ---------------------------------------------------------------- labels

def label_case(name, truth, pred, weight=None):
    w = ones(truth, weight)
    labels = sorted(set(truth) | set(pred))
    case = dict(name=name, truth=truth, pred=pred, weight=weight, labels=labels)
    case["matrix"] = sk.confusion_matrix(truth, pred, sample_weight=weight).ravel().astype(float)
    case["accuracy"] = sk.accuracy_score(truth, pred, sample_weight=weight)
    case["balanced"] = sk.balanced_accuracy_score(truth, pred, sample_weight=weight)
    prf = lambda a: sk.precision_recall_fscore_support(truth, pred, average=a, sample_weight=weight)
    each = prf(None)
    case["perClass"] = [list(map(float, column)) for column in each]
    case["average"] = {a: list(prf(a)[:3]) for a in ("micro", "macro", "weighted")}
    if set(labels) <= {0, 1} or set(labels) <= {-1, 1}:
        case["average"]["binary"] = list(prf("binary")[:3])
    if weight is None:
        case["report"] = sk.classification_report(truth, pred)

    # Transcription.
    n = {(a, b): sum(wi for t, p, wi in zip(truth, pred, w) if (t, p) == (a, b)) for a in labels for b in labels}
    same(case["matrix"], [n[a, b] for a in labels for b in labels], "matrix")
    same(case["accuracy"], sum(n[a, a] for a in labels) / sum(w), "accuracy")
    div = lambda a, b: a / b if b else 0.0
    true = {a: sum(n[a, b] for b in labels) for a in labels}
    guess = {a: sum(n[b, a] for b in labels) for a in labels}
    p = [div(n[a, a], guess[a]) for a in labels]
    r = [div(n[a, a], true[a]) for a in labels]
    f = [div(2 * n[a, a], guess[a] + true[a]) for a in labels]
    same(case["perClass"][:3], [p, r, f], "per class")
    same(case["balanced"], np.mean([x for a, x in zip(labels, r) if true[a]]), "balanced")
    share = [true[a] / sum(w) for a in labels]
    same(case["average"]["weighted"], [np.dot(v, share) for v in (p, r, f)], "weighted")
    same(case["average"]["macro"], [np.mean(v) for v in (p, r, f)], "macro")
    return case


def labels():
    rng = np.random.default_rng(1)
    ints = lambda k, n, p=None: rng.choice(k, n, p=p).tolist()
    noisy = lambda t, k, flip: [int(x) if rng.random() > flip else int(rng.integers(k)) for x in t]
    three = ints(3, 40)
    rare = ints(2, 60, [0.93, 0.07])
    big = ints(12, 150)
    return [
        label_case("three classes", three, noisy(three, 3, 0.4)),
        label_case("three classes, weights", three, noisy(three, 3, 0.4), rng.random(40).round(3).tolist()),
        label_case("imbalanced", rare, noisy(rare, 2, 0.2)),
        label_case("imbalanced, whole weights with zeros", rare, noisy(rare, 2, 0.2), rng.integers(0, 4, 60).tolist()),
        label_case("minus one and one", [-1, 1, 1, -1, 1, -1], [-1, 1, -1, 1, 1, -1]),
        label_case("never predicted", [0, 1, 2, 2, 1, 0], [0, 1, 1, 0, 1, 0]),
        label_case("predicted but never true", [0, 0, 1, 1, 1], [0, 2, 1, 2, 0]),
        label_case("no positive in truth or pred", [0, 0, 0], [0, 0, 0]),
        label_case("one class, wrong", [1, 1, 1], [0, 0, 1]),
        label_case("labels with gaps", [7, 30, 7, -2, 30, 30], [7, 7, 7, -2, 30, -2]),
        label_case("twelve classes", big, noisy(big, 12, 0.3)),
    ]


# ---------------------------------------------------------------- scores

def score_case(name, truth, score, weight=None):
    w = ones(truth, weight)
    kw = dict(sample_weight=weight)
    y = [1 if t == 1 else 0 for t in truth]
    fpr, tpr, thr = sk.roc_curve(truth, score, drop_intermediate=False, **kw)
    light = sk.roc_curve(truth, score, drop_intermediate=True, **kw)
    precision, recall, prthr = sk.precision_recall_curve(truth, score, **kw)
    case = dict(name=name, truth=truth, score=score, weight=weight,
                fpr=fpr, tpr=tpr, threshold=thr[1:],
                lightFPR=light[0], lightTPR=light[1], lightThreshold=light[2][1:],
                auc=sk.roc_auc_score(truth, score, **kw),
                precision=precision, recall=recall, prThreshold=prthr,
                ap=sk.average_precision_score(truth, score, **kw))
    if min(score) >= 0 and max(score) <= 1:
        case["brier"] = sk.brier_score_loss(truth, score, **kw)
        case["logLoss"] = sk.log_loss(truth, score, **kw)
        same(case["brier"], np.average((np.array(y) - score) ** 2, weights=w), "brier")

    # Transcription: AUC by its meaning, over all pairs.
    wins = pairs = 0.0
    for yi, si, wi in zip(y, score, w):
        for yj, sj, wj in zip(y, score, w):
            if yi == 1 and yj == 0:
                pairs += wi * wj
                wins += wi * wj * (1.0 if si > sj else 0.5 if si == sj else 0.0)
    same(case["auc"], wins / pairs, "auc")
    ap, last = 0.0, 0.0
    for t in sorted({s for s, wi in zip(score, w) if wi}, reverse=True):
        tp = sum(wi for yi, si, wi in zip(y, score, w) if si >= t and yi)
        all_ = sum(wi for si, wi in zip(score, w) if si >= t)
        r = tp / sum(wi for yi, wi in zip(y, w) if yi)
        ap, last = ap + (r - last) * tp / all_, r
    same(case["ap"], ap, "ap")
    return case


def scores():
    rng = np.random.default_rng(2)

    def draw(n, rate, decimals):
        y = (rng.random(n) < rate).astype(int)
        s = 1 / (1 + np.exp(-(1.5 * y - 0.7 + rng.normal(size=n))))
        return y.tolist(), s.round(decimals).tolist()

    plain, ties, rare = draw(40, 0.5, 6), draw(60, 0.4, 1), draw(80, 0.06, 2)
    weights = (rng.integers(0, 5, 60) / 4).tolist()
    return [
        score_case("no ties", *plain),
        score_case("ties", *ties),
        score_case("ties, weights with zeros", *ties, weights),
        score_case("odd weights", *plain, rng.random(40).tolist()),
        score_case("imbalanced", *rare),
        score_case("perfect", [0, 0, 1, 1, 1], [0.0, 0.2, 0.3, 0.9, 1.0]),
        score_case("upside down", [1, 1, 0, 0, 0], [-3.5, -2, 0, 4, 11]),
        score_case("all equal", [0, 1, 1, 0, 1], [0.5] * 5),
        score_case("minus one and one, logits", [-1, 1, -1, 1, 1, -1], [-2.0, 0.5, 0.5, 3.0, -1.0, 0.0]),
        score_case("top score has weight 0", [0, 1, 0, 1], [0.9, 0.8, 0.3, 0.1], [0, 1, 2, 1]),
        score_case("certain and wrong", [1, 0, 1, 0], [0.0, 1.0, 1.0, 0.0]),
    ]


# ---------------------------------------------------------------- probabilities of several classes

def many():
    rng = np.random.default_rng(3)
    out = []
    for name, n, k, weighted in [("four classes", 30, 4, False), ("four classes, weights", 30, 4, True), ("two columns", 20, 2, False)]:
        z = rng.normal(size=(n, k)) * 3
        y = rng.integers(0, k, n)
        w = rng.integers(0, 4, n).astype(float) if weighted else None
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p = p.round(7)  # so that rows sum to 1 only nearly
        p[0] = np.eye(k)[(y[0] + 1) % k]  # certain and wrong
        p[1] = np.eye(k)[y[1]]  # certain and right
        if weighted:
            w[0] = w[1] = 1
        ww = ones(y, w)
        exact = np.array([np.log(np.exp(zi - zi.max()).sum()) + zi.max() - zi[yi] for zi, yi in zip(z, y)])
        case = dict(name=name, truth=y, columns=k, weight=w, prob=p.ravel(), logit=z.ravel(),
                    logLoss=sk.log_loss(y, p, labels=range(k), sample_weight=w),
                    logLossLogits=np.average(exact, weights=ww))
        q = np.exp(z - z.max(1, keepdims=True))
        q /= q.sum(1, keepdims=True)
        same(case["logLossLogits"], sk.log_loss(y, q, labels=range(k), sample_weight=w), "logits")
        eps = 2.0 ** -52
        clipped = np.clip(p, eps, 1 - eps)
        same(case["logLoss"], np.average([-math.log(c[yi]) for c, yi in zip(clipped, y)], weights=ww), "log loss")
        if k > 2:
            tied = (p * 4).round() / 4
            case["tied"] = tied.ravel()
            case["topK"] = [sk.top_k_accuracy_score(y, tied, k=j, labels=range(k), sample_weight=w) for j in range(1, k + 1)]
            for j in range(1, k + 1):
                hit = [yi in sorted(range(k), key=lambda c: (-t[c], -c))[:j] for t, yi in zip(tied, y)]
                same(case["topK"][j - 1], np.average(hit, weights=ww), "top k")
        out.append(case)
    return out


# ---------------------------------------------------------------- calibration

def calibration():
    rng = np.random.default_rng(4)
    sets = {
        "random": rng.random(200).round(6),
        "on the edges": rng.integers(0, 11, 120) / 10,
        "a gap": np.where(rng.random(90) < 0.5, rng.random(90) * 0.2, 0.7 + 0.3 * rng.random(90)),
        "mostly one value": np.where(rng.random(50) < 0.8, 0.5, rng.random(50)),
        "zero and one": np.array([0.0, 1.0, 0.0, 1.0, 1.0]),
        # Where a probability is on an edge but for its last bit, the arithmetic of the edges decides the bin.
        "products on the edges": np.arange(11) * 0.1,
        "quantiles on rows": np.random.default_rng(0).random(73).round(4),
        "quantiles on few rows": np.random.default_rng(7).random(7).round(4),
    }
    out = []
    for name, p in sets.items():
        y = (rng.random(len(p)) < p ** 1.5).astype(int)
        if len(set(y)) == 1:
            y[0] = 1 - y[0]
        for kind in ("uniform", "quantile"):
            for bins in (3, 6, 12) if name.startswith("quantiles") else (1, 5, 10):
                observed, predicted = calibration_curve(y, p, n_bins=bins, strategy=kind)
                # Transcription, which also gives the counts and the expected calibration error.
                if kind == "uniform":
                    upper = np.linspace(0, 1, bins + 1)[1:]
                else:
                    upper = np.percentile(p, np.linspace(0, 1, bins + 1) * 100)[1:]
                members = [[] for _ in range(bins)]
                for i, pi in enumerate(p):
                    members[next((b for b in range(bins - 1) if pi <= upper[b]), bins - 1)].append(i)
                members = [m for m in members if m]
                same(observed, [np.mean(y[m]) for m in members], "observed")
                same(predicted, [np.mean(p[m]) for m in members], "predicted")
                ece = sum(len(m) / len(p) * abs(np.mean(y[m]) - np.mean(p[m])) for m in members)
                out.append(dict(name=f"{name}, {bins} {kind}", truth=y, prob=p, bins=bins, kind=kind,
                                observed=observed, predicted=predicted, count=[len(m) for m in members], ece=ece))
    return out


# ---------------------------------------------------------------- values

def median(errors, weights):
    """The middle of the rows written out as often as their weights say (whole weights only)."""
    return float(np.median(np.repeat(errors, np.asarray(weights, int))))


def value_case(name, truth, pred, weight=None):
    t, p, w = np.array(truth, float), np.array(pred, float), ones(truth, weight)
    kw = dict(sample_weight=weight)
    case = dict(name=name, truth=t, pred=p, weight=weight,
                mae=sk.mean_absolute_error(t, p, **kw), mse=sk.mean_squared_error(t, p, **kw),
                rmse=sk.root_mean_squared_error(t, p, **kw),
                mape=sk.mean_absolute_percentage_error(t, p, **kw), r2=sk.r2_score(t, p, **kw))
    errors = abs(t - p)
    if weight is None:
        case["medae"] = sk.median_absolute_error(t, p)
    elif all(float(x).is_integer() for x in weight):
        case["medae"] = median(errors, weight)
    else:
        case["medae"] = sk.median_absolute_error(t, p, **kw)  # no weight falls on the middle: both definitions agree
    same(case["mae"], sum(w * errors) / sum(w), "mae")
    same(case["mse"], sum(w * errors ** 2) / sum(w), "mse")
    same(case["rmse"], math.sqrt(case["mse"]), "rmse")
    same(case["mape"], sum(w * errors / np.maximum(abs(t), 2.0 ** -52)) / sum(w), "mape")
    center = sum(w * t) / sum(w)
    if sum(w * (t - center) ** 2) > 0:
        same(case["r2"], 1 - sum(w * errors ** 2) / sum(w * (t - center) ** 2), "r2")
    return case


def values():
    rng = np.random.default_rng(5)
    t = rng.normal(3, 2, 31).round(4)
    p = (t + rng.normal(0, 1.2, 31)).round(4)
    return [
        value_case("odd count", t, p),
        value_case("even count", t[:30], p[:30]),
        value_case("weights", t, p, rng.random(31).tolist()),
        value_case("whole weights with zeros", t, p, rng.integers(0, 4, 31).tolist()),
        value_case("equal weights, even count", t[:30], p[:30], [2] * 30),
        value_case("worse than the mean", [1, 2, 3], [3, 2, 1]),
        value_case("constant target, exact", [2, 2, 2], [2, 2, 2]),
        value_case("constant target, not exact", [2, 2, 2], [2, 2, 2.5]),
        value_case("a target of zero", [1, 0, 2.4, 7], [1.2, 0.1, 2.4, 8]),
        value_case("far from zero", t + 1e6, p + 1e6),
    ]


# ---------------------------------------------------------------- detection

def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    both = w * h
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def voc_ap(objects, found, threshold):
    """Follows VOCevaldet.m of the development kit, without the pixels' "+1" and without difficult objects."""
    if not found:
        return 0.0
    order = np.argsort([-d[3] for d in found], kind="stable")
    done = [False] * len(objects)
    tp, fp = np.zeros(len(found)), np.zeros(len(found))
    for n, d in enumerate(order):
        image, _, box, _ = found[d]
        ovmax, jmax = -1.0, None
        for j, o in enumerate(objects):
            if o[0] == image and iou(box, o[2]) > ovmax:
                ovmax, jmax = iou(box, o[2]), j
        if ovmax >= threshold and not done[jmax]:
            tp[n], done[jmax] = 1, True
        else:
            fp[n] = 1
    tp, fp = np.cumsum(tp), np.cumsum(fp)
    rec, prec = tp / len(objects), tp / (tp + fp)
    mrec, mpre = np.r_[0, rec, 1], np.r_[0, prec, 0]
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    i = np.where(mrec[1:] != mrec[:-1])[0]
    return float(np.sum((mrec[i + 1] - mrec[i]) * mpre[i + 1]))


def coco_ap(objects, found, threshold):
    """Follows evaluateImg and accumulate of cocoeval.py, without crowds, sizes and limits."""
    matched, scored = {}, []
    for image in sorted({o[0] for o in objects} | {d[0] for d in found}):
        gt = [(j, o) for j, o in enumerate(objects) if o[0] == image]
        dt = sorted((d for d in found if d[0] == image), key=lambda d: -d[3])
        for d in dt:
            best, m = min(threshold, 1 - 1e-10), -1
            for j, o in gt:
                if j in matched:
                    continue
                if iou(d[2], o[2]) < best:
                    continue
                best, m = iou(d[2], o[2]), j
            if m >= 0:
                matched[m] = d
            scored.append((d[3], m >= 0))
    if not scored:
        return 0.0
    order = np.argsort([-s for s, _ in scored], kind="mergesort")
    hits = np.array([scored[i][1] for i in order], float)
    tp = np.cumsum(hits)
    rc, pr = tp / len(objects), list(tp / np.arange(1, len(hits) + 1))
    for i in range(len(pr) - 1, 0, -1):
        pr[i - 1] = max(pr[i - 1], pr[i])
    q = [pr[i] if i < len(pr) else 0.0 for i in np.searchsorted(rc, np.linspace(0.0, 1.0, 101), side="left")]
    return float(np.mean(q))


def nms(boxes, scores, threshold):
    """Removes boxes from a list until it is empty."""
    left, kept = list(range(len(boxes))), []
    while left:
        top = max(left, key=lambda i: (scores[i], -i))
        kept.append(top)
        left = [i for i in left if i != top and iou(boxes[i], boxes[top]) <= threshold]
    return kept


def detection():
    rng = np.random.default_rng(6)
    cases = []
    for name, images, classes, grid in [("spread", 6, 3, 24), ("crowded, many ties in overlap", 3, 2, 6), ("one image", 1, 1, 8)]:
        objects, found = [], []
        for image in range(images):
            for _ in range(int(rng.integers(2, 7))):
                x, y = rng.integers(0, grid, 2)
                w, h = rng.integers(2, 8, 2)
                c = int(rng.integers(classes))
                objects.append((image, c, [int(v) for v in (x, y, x + w, y + h)]))
                for _ in range(int(rng.integers(0, 4))):
                    dx, dy, dw, dh = rng.integers(-1, 2, 4)
                    box = [int(v) for v in (x + dx, y + dy, x + dx + max(w + dw, 1), y + dy + max(h + dh, 1))]
                    c2 = c if rng.random() < 0.9 else int(rng.integers(classes + 1))  # class `classes` has no objects
                    found.append((image, c2, box, round(float(rng.random()), 4)))
        assert len({d[3] for d in found}) == len(found), "scores must differ: COCO orders equal ones by image"
        result = []
        for threshold in (0.3, 0.5, 0.75, 1.0):
            for kind, ap in (("voc", voc_ap), ("coco", coco_ap)):
                each = {}
                for c in sorted({o[1] for o in objects}):
                    each[str(c)] = ap([o for o in objects if o[1] == c], [d for d in found if d[1] == c], threshold)
                result.append(dict(threshold=threshold, protocol=kind, ap=each, mean=float(np.mean(list(each.values())))))
        boxes, scores = [d[2] for d in found], [round(d[3], 1) for d in found]
        cases.append(dict(
            name=name,
            objects=[dict(Image=i, Class=c, Box=corners(b)) for i, c, b in objects],
            found=[dict(Image=i, Class=c, Box=corners(b), Score=s) for i, c, b, s in found],
            result=result,
            scores=scores,
            iou=[iou(boxes[i], boxes[(i + 1) % len(boxes)]) for i in range(len(boxes))],
            nms=[dict(threshold=t, kept=nms(boxes, scores, t)) for t in (0.0, 0.3, 0.5, 0.9)]))
    assert any(a["mean"] != b["mean"] for c in cases for a, b in zip(c["result"][::2], c["result"][1::2]))
    return cases


def corners(b):
    return dict(X1=b[0], Y1=b[1], X2=b[2], Y2=b[3])


for part in (labels, scores, many, calibration, values, detection):
    save(part.__name__, part())
