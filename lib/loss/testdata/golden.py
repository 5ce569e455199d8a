"""Reference values and gradients of the losses, by PyTorch in float64.

Each value is also asserted against a plain transcription of the formula, each
gradient against central differences of that transcription, and the mean over
weighted samples against the peer's own mean over rows repeated as often as the
weight says. PyTorch has no log-cosh, quantile, hinge or focal loss: there the
transcription is differentiated by PyTorch, and the values of the quantile and
hinge losses are asserted against scikit-learn.
"""
import json
import os
from math import cosh, exp, log, pi

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import hinge_loss, mean_pinball_loss
from sklearn.utils.class_weight import compute_class_weight

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)
cases = []


def case(name, rows, pred, target, weight=None, norm=None, plain=None, peer=None):
    """Adds L = sum(w * rows(f, y)) / sum(w * norm(y)) and its gradient.

    rows gives the loss of each row, norm what a row counts for (1), plain the
    loss of one row of floats, and peer the mean over a batch without weights.
    """
    f = torch.tensor(pred, requires_grad=True)
    y = torch.tensor(target)
    w = torch.ones(len(pred)) if weight is None else torch.tensor(weight)
    n = torch.ones(len(pred)) if norm is None else norm(y)
    loss = (w * rows(f, y)).sum() / (w * n).sum()
    loss.backward()
    grad = f.grad.numpy()
    assert np.isfinite(loss.item()) and np.isfinite(grad).all(), name

    if plain is not None:
        def mean(p):
            total = sum(wi * plain(pi_, yi) for wi, pi_, yi in zip(w.tolist(), p.tolist(), target.tolist()))
            return total / (w * n).sum().item()
        np.testing.assert_allclose(mean(np.array(pred)), loss.item(), rtol=1e-11, atol=1e-15, err_msg=name)
        for at in np.ndindex(*pred.shape):
            h = np.zeros_like(pred)
            h[at] = 1e-5
            slope = (mean(pred + h) - mean(pred - h)) / 2e-5
            np.testing.assert_allclose(grad[at], slope, rtol=1e-6, atol=1e-9, err_msg=name)
    if peer is not None:
        times = (2 * w).long()  # weights here are multiples of 1/2
        repeated = peer(f.detach().repeat_interleave(times, 0), y.repeat_interleave(times, 0))
        np.testing.assert_allclose(float(repeated), loss.item(), rtol=1e-12, atol=1e-15, err_msg=name)
    cases.append({"name": name, "pred": pred.tolist(), "target": target.tolist(),
                  "weight": weight, "loss": loss.item(), "grad": grad.tolist()})


def mean_columns(f):
    return lambda p, y: f(p, y).mean(1)


def plain_columns(f):
    return lambda p, y: sum(f(a, b) for a, b in zip(p, y)) / len(p)


WEIGHT = [0.5, 2.0, 1.0, 0.0, 1.5, 3.0]
EDGE = np.array([[1e4], [-1e4], [1e4], [-1e4], [0.0], [50.0]])


def family(name, rows, pred, target, **kw):
    """The same with weights 1 and with WEIGHT."""
    case(name, rows, pred, target, **kw)
    case(name + ", weighted", rows, pred, target, weight=WEIGHT, **kw)


# Regression: two columns, errors on both sides of every threshold.
p2, t2 = rng.normal(0, 2, (6, 2)).round(3), rng.normal(0, 1, (6, 2)).round(2)
edge_t = np.array([[3.0], [3.0], [-2.0], [-2.0], [0.5], [0.25]])

family("MSE", mean_columns(lambda f, y: (f - y) ** 2), p2, t2,
       plain=plain_columns(lambda f, y: (f - y) ** 2), peer=F.mse_loss)
case("MSE, extreme", mean_columns(lambda f, y: (f - y) ** 2), EDGE, edge_t, peer=F.mse_loss)
family("MAE", mean_columns(lambda f, y: (f - y).abs()), p2, t2,
       plain=plain_columns(lambda f, y: abs(f - y)), peer=F.l1_loss)
case("MAE, extreme", mean_columns(lambda f, y: (f - y).abs()), EDGE, edge_t, peer=F.l1_loss)


def huber(delta):
    return lambda f, y: F.huber_loss(f, y, reduction="none", delta=delta)


def plain_huber(delta):
    def h(f, y):
        e = abs(f - y)
        return e * e / 2 if e <= delta else delta * (e - delta / 2)
    return plain_columns(h)


for delta in (1.0, 0.3):
    assert ((p2 - t2) ** 2 > delta**2).any() and ((p2 - t2) ** 2 < delta**2).any()
    family(f"Huber {delta}", mean_columns(huber(delta)), p2, t2, plain=plain_huber(delta),
           peer=lambda f, y: F.huber_loss(f, y, delta=delta))
case("Huber 1.0, extreme", mean_columns(huber(1.0)), EDGE, edge_t, peer=F.huber_loss)


def log_cosh(f, y):
    e = (f - y).abs()
    return e + torch.log1p(torch.exp(-2 * e)) - log(2)


family("LogCosh", mean_columns(log_cosh), p2, t2, plain=plain_columns(lambda f, y: log(cosh(f - y))))
case("LogCosh, extreme", mean_columns(log_cosh), EDGE, edge_t)


def pinball(tau):
    return lambda f, y: torch.maximum(tau * (y - f), (tau - 1) * (y - f))


for tau in (0.9, 0.25):
    family(f"Quantile {tau}", mean_columns(pinball(tau)), p2, t2,
           plain=plain_columns(lambda f, y: tau * (y - f) if f < y else (1 - tau) * (f - y)),
           peer=lambda f, y: mean_pinball_loss(y.numpy(), f.numpy(), alpha=tau))
case("Quantile 0.9, extreme", mean_columns(pinball(0.9)), EDGE, edge_t)

counts = rng.poisson(3.0, (6, 2)).astype(float)
counts[0] = [0, 1]
assert (counts > 1).any()
logs = rng.normal(0.5, 0.8, (6, 2)).round(2)


def poisson(full):
    return lambda f, y: F.poisson_nll_loss(f, y, full=full, reduction="none")


def plain_poisson(full):
    def nll(f, y):
        stirling = y * log(y) - y + log(2 * pi * y) / 2 if full and y > 1 else 0.0
        return exp(f) - y * f + stirling
    return plain_columns(nll)


for full in (False, True):
    family("Poisson" + (" full" if full else ""), mean_columns(poisson(full)), logs, counts,
           plain=plain_poisson(full), peer=lambda f, y: F.poisson_nll_loss(f, y, full=full))
case("Poisson, extreme", mean_columns(poisson(False)),
     np.array([[-1e4], [-1e4], [600.0], [0.0]]), np.array([[0.0], [3.0], [2.0], [1.0]]))

# Two classes.
labels = np.array([[1, 0], [0, 0], [1, 1], [0, 1], [1, 0], [0, 1]], float)
soft = rng.uniform(0, 1, (6, 2)).round(2)
edge_y = np.array([[1.0], [1.0], [0.0], [0.0], [1.0], [1.0]])


def bce(v):
    v = None if v is None else torch.tensor(v)
    return lambda f, y: F.binary_cross_entropy_with_logits(f, y, reduction="none", pos_weight=v)


def plain_bce(v):
    def nll(f, y, vj):
        p = 1 / (1 + exp(-f))
        return -vj * y * log(p) - (1 - y) * log(1 - p)
    return lambda f, y: sum(nll(f[j], y[j], 1.0 if v is None else v[min(j, len(v) - 1)])
                            for j in range(len(f))) / len(f)


for label, v in (("", None), (" v=3", [3.0]), (" v=0.5,4", [0.5, 4.0])):
    for kind, y in (("", labels), (" soft", soft)):
        family(f"BinaryCrossEntropy{label}{kind}", mean_columns(bce(v)), p2, y, plain=plain_bce(v),
               peer=lambda f, y: F.binary_cross_entropy_with_logits(
                   f, y, pos_weight=None if v is None else torch.tensor(v)))
case("BinaryCrossEntropy, extreme", mean_columns(bce(None)), EDGE, edge_y)
case("BinaryCrossEntropy v=3, extreme", mean_columns(bce([3.0])), EDGE, edge_y)


def focal(gamma, alpha):
    def loss(f, y):
        z = (2 * y - 1) * f
        a = torch.where(y == 1, torch.tensor(alpha), torch.tensor(1 - alpha))
        return -a * torch.sigmoid(-z) ** gamma * F.logsigmoid(z)
    return loss


def plain_focal(gamma, alpha):
    def loss(f, y):
        p = 1 / (1 + exp(-f))
        pt, at = (p, alpha) if y == 1 else (1 - p, 1 - alpha)
        return -at * (1 - pt) ** gamma * log(pt)
    return plain_columns(loss)


for gamma, alpha in ((2.0, 0.25), (0.5, 0.7), (0.0, 0.5)):
    peer = None
    if gamma == 0:
        def peer(f, y):
            return F.binary_cross_entropy_with_logits(f, y) / 2
    family(f"Focal {gamma} {alpha}", mean_columns(focal(gamma, alpha)), p2, labels,
           plain=plain_focal(gamma, alpha), peer=peer)
case("Focal 2.0 0.25, extreme", mean_columns(focal(2.0, 0.25)), EDGE, edge_y)


def hinge(power):
    return lambda f, y: torch.clamp(1 - (2 * y - 1) * f, min=0) ** power


assert (((2 * labels - 1) * p2) > 1).any()  # some rows are beyond the margin
for name, power in (("Hinge", 1), ("SquaredHinge", 2)):
    family(name, mean_columns(hinge(power)), p2, labels,
           plain=plain_columns(lambda f, y: max(0.0, 1 - (2 * y - 1) * f) ** power),
           peer=(lambda f, y: hinge_loss(y.flatten().numpy(), f.flatten().numpy())) if power == 1 else None)
    case(name + ", extreme", mean_columns(hinge(power)), EDGE, edge_y)

# k classes.
p4 = rng.normal(0, 2, (6, 4)).round(2)
number = np.array([[2], [0], [3], [1], [2], [1]], float)
prob = rng.dirichlet(np.ones(4), 6)
prob[1] = [0, 1, 0, 0]
prob[2, 3], prob[2] = 0, prob[2] / (1 - prob[2, 3])
prob[2, 3] = 0
prob /= prob.sum(1, keepdims=True)
EDGE4 = np.array([[1e4, -1e4, 0, 5], [1e4, 1e4, 0, 0], [-1e4, -1e4, -1e4, 1e4],
                  [1e4, 1e4 - 1, 1e4 - 2, 0], [0, 50, 0, 0], [-1e4, 0, 0, 1e4]], float)
V = [0.5, 1.0, 3.0, 0.25]


def cross_entropy(v, eps):
    v = None if v is None else torch.tensor(v)

    def rows(f, y):
        y = y.squeeze(1).long() if y.shape[1] == 1 else y
        return F.cross_entropy(f, y, weight=v, label_smoothing=eps, reduction="none")
    return rows


def plain_cross_entropy(v, eps):
    def nll(f, y):
        k = len(f)
        t = [float(c == int(y[0])) for c in range(k)] if len(y) == 1 else y
        z = log(sum(exp(a) for a in f))
        return -sum((v[c] if v else 1.0) * ((1 - eps) * t[c] + eps / k) * (f[c] - z) for c in range(k))
    return nll


def peer_cross_entropy(v, eps):
    def mean(f, y):
        y = y.squeeze(1).long() if y.shape[1] == 1 else y
        return F.cross_entropy(f, y, weight=None if v is None else torch.tensor(v), label_smoothing=eps)
    return mean


for kind, y in (("", number), (" soft", prob)):
    for vs, v in (("", None), (" v", V)):
        for es, eps in (("", 0.0), (" eps=0.1", 0.1)):
            norm = (lambda y: torch.tensor(V)[y.squeeze(1).long()]) if v and not kind else None
            family(f"CrossEntropy{vs}{es}{kind}", cross_entropy(v, eps), p4, y, norm=norm,
                   plain=plain_cross_entropy(v, eps), peer=peer_cross_entropy(v, eps))
            case(f"CrossEntropy{vs}{es}{kind}, extreme", cross_entropy(v, eps), EDGE4, y, norm=norm)


def kl(f, y):
    return F.kl_div(F.log_softmax(f, 1), y, reduction="none").sum(1)


def plain_kl(f, y):
    z = log(sum(exp(a) for a in f))
    return sum(t * (log(t) - (a - z)) for a, t in zip(f, y) if t > 0)


family("KLDivergence", kl, p4, prob, plain=plain_kl,
       peer=lambda f, y: F.kl_div(F.log_softmax(f, 1), y, reduction="batchmean"))
case("KLDivergence, extreme", kl, EDGE4, prob)


def crammer_singer(f, y):
    y = y.long()
    others = f.scatter(1, y, -torch.inf).max(1).values
    return torch.clamp(1 + others - f.gather(1, y).squeeze(1), min=0)


family("MulticlassHinge", crammer_singer, p4, number,
       plain=lambda f, y: max(0.0, 1 + max(a for j, a in enumerate(f) if j != y[0]) - f[int(y[0])]),
       peer=lambda f, y: hinge_loss(y.flatten().numpy(), f.numpy(), labels=range(4)))
case("MulticlassHinge, extreme", crammer_singer, np.delete(EDGE4, 4, 0), np.delete(number, 4, 0))


def save(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


save("golden.json")

# Targets of -1, which count for nothing: PyTorch's ignore_index, and a mean over what is left.
cases = []
some, one = np.array([[2.0], [-1], [0], [1], [-1], [3]]), np.array([[-1.0], [-1], [-1], [-1], [1], [-1]])
for kind, y in (("", some), (", one label", one)):
    for vs, v in (("", None), (" v", V)):
        for es, eps in (("", 0.0), (" eps=0.1", 0.1)):
            def ignoring(f, y):
                return F.cross_entropy(f, y.squeeze(1).long(), weight=None if v is None else torch.tensor(v),
                                       label_smoothing=eps, reduction="none", ignore_index=-1)

            def mean(f, y):
                return F.cross_entropy(f, y.squeeze(1).long(), weight=None if v is None else torch.tensor(v),
                                       label_smoothing=eps, ignore_index=-1)

            def counts(y):
                c = y.squeeze(1).long()
                return (c >= 0) * (torch.ones(len(c)) if v is None else torch.tensor(v)[c.clamp(0)])

            plain = plain_cross_entropy(v, eps)
            family(f"CrossEntropy{vs}{es}{kind}", ignoring, p4, y, norm=counts, peer=mean,
                   plain=lambda f, y: 0.0 if y[0] == -1 else plain(f, y))

holes, hole = labels.copy(), labels[:, :1].copy()
holes[0, 1] = holes[2, 0] = holes[4] = hole[1] = hole[5] = -1
for label, v in (("", None), (" v=3", [3.0]), (" v=0.5,4", [0.5, 4.0])):
    for kind, f, y in (("", p2, holes), (", one column", p2[:, :1], hole)):
        if kind and v and len(v) > 1:
            continue

        def masked(f, y):
            each = F.binary_cross_entropy_with_logits(f, y, reduction="none", pos_weight=None if v is None else torch.tensor(v))
            return torch.where(y == -1, 0, each).mean(1)

        def mean_of_known(f, y):
            known = y != -1
            each = None if v is None else torch.tensor(v).expand_as(f)[known]
            return F.binary_cross_entropy_with_logits(f[known], y[known], pos_weight=each)

        family(f"BinaryCrossEntropy{label}{kind}", masked, f, y, norm=lambda y: (y != -1).double().mean(1),
               peer=mean_of_known,
               plain=lambda f, y: sum(plain_bce(v if v is None or len(v) == 1 else [v[j]])([f[j]], [y[j]])
                                      for j in range(len(f)) if y[j] != -1) / len(f))
save("unlabelled.json")

# "balanced" class weights.
cases = []
for target, classes, weight in [([0, 2, 2, 1, 2, 0, 2, 2], 3, None), ([0, 0, 0, 0, 1], 2, None),
                                ([1, 0, 2, 2, 1], 3, [0.5, 2.0, 1.0, 0.25, 3.0])]:
    w = np.ones(len(target)) if weight is None else np.array(weight)
    written = np.repeat(target, (4 * w).astype(int))  # weights here are multiples of 1/4
    v = compute_class_weight("balanced", classes=np.arange(classes), y=written)
    for c in range(classes):
        np.testing.assert_allclose(v[c], w.sum() / (classes * w[np.array(target) == c].sum()), rtol=1e-14)
    cases.append({"target": target, "classes": classes, "weight": weight, "balanced": v.tolist()})
save("balanced.json")
