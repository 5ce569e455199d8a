"""Writes optimizers.json and schedules.json: trajectories of PyTorch's optimizers and schedulers.

Each trajectory is computed twice, by PyTorch and by a plain transcription of the published formula, and the
script fails unless both agree. Where PyTorch has no such optimizer (AdaBelief, Lion) the transcription stands
alone, and where it has it only as a recipe (decoupled decay, lookahead, SAM, averages) the recipe is the peer.

PyTorch 1.13's NAdam multiplies mu_t into its product twice unless foreach is set, and its foreach RAdam differs
from the other one by 1e-9: hence the two flags below.
"""
import json
import math
import os
import warnings

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import lr_scheduler as sched
from torch.optim.swa_utils import AveragedModel

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, DIM = 100, 4
RECORD = [1, 2, 3, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]

# ---------------------------------------------------------------------------------------------- two problems


def rosenbrock(theta, t):
    """The gradient of sum 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""
    g = np.zeros(DIM)
    for i in range(DIM - 1):
        d = theta[i + 1] - theta[i] ** 2
        g[i] += -400 * theta[i] * d - 2 * (1 - theta[i])
        g[i + 1] += 200 * d
    return g


def make_bursts():
    """Gradients of scale 1e-6, where epsilon weighs: noise, rare bursts, a decay, and signs that alternate."""
    rng = np.random.default_rng(5)
    g = np.zeros((STEPS, DIM))
    for t in range(STEPS):
        g[t, 0] = 1e-6 * rng.normal()
        g[t, 1] = 5e-6 * rng.normal() if t % 10 == 3 else 2e-9 * rng.normal()
        g[t, 2] = 1e-5 * 0.9 ** t * (1 + 0.1 * rng.normal())
        g[t, 3] = 0.0 if t == 0 else 1e-6 * (-1) ** (t // 3) * rng.uniform(0.5, 1.5)
    return g


BURSTS = make_bursts()
PROBLEMS = {
    "rosenbrock": (np.array([-1.2, 1.0, -0.5, 0.8]), rosenbrock),
    "bursts": (np.array([1e-6, -2e-6, 5e-7, 3e-6]), lambda theta, t: BURSTS[t]),
}
MULTIPLIERS = [float(1 + 0.5 * math.cos(t / 7)) for t in range(STEPS)]  # the schedule of every case

# ------------------------------------------------------------- transcriptions: step(theta, g, lr) -> new theta


class SGD:
    def __init__(self, mu=0, tau=0, nesterov=False):
        self.mu, self.tau, self.nesterov, self.b = mu, tau, nesterov, None

    def step(self, x, g, lr):
        self.b = g.copy() if self.b is None else self.mu * self.b + (1 - self.tau) * g
        return x - lr * (g + self.mu * self.b if self.nesterov else self.b)


class Adam:
    def __init__(self, b1=.9, b2=.999, eps=1e-8, amsgrad=False):
        self.b1, self.b2, self.eps, self.amsgrad = b1, b2, eps, amsgrad
        self.t, self.m, self.v, self.vmax = 0, 0, 0, 0

    def moments(self, g):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = self.b2 * self.v + (1 - self.b2) * g ** 2
        self.vmax = np.maximum(self.vmax, self.v)
        return self.m / (1 - self.b1 ** self.t), (self.vmax if self.amsgrad else self.v) / (1 - self.b2 ** self.t)

    def step(self, x, g, lr):
        m, v = self.moments(g)
        return x - lr * m / (np.sqrt(v) + self.eps)


class Adamax(Adam):
    u = 0

    def step(self, x, g, lr):
        m, _ = self.moments(g)
        self.u = np.maximum(self.b2 * self.u, abs(g) + self.eps)
        return x - lr * m / self.u


class NAdam(Adam):
    def __init__(self, psi=4e-3):
        super().__init__()
        self.psi, self.product = psi, 1

    def step(self, x, g, lr):
        _, v = self.moments(g)
        mu, nxt = [self.b1 * (1 - 0.5 * 0.96 ** (t * self.psi)) for t in (self.t, self.t + 1)]
        self.product *= mu
        m = nxt * self.m / (1 - self.product * nxt) + (1 - mu) * g / (1 - self.product)
        return x - lr * m / (np.sqrt(v) + self.eps)


class RAdam(Adam):
    def step(self, x, g, lr):
        m, _ = self.moments(g)
        inf = 2 / (1 - self.b2) - 1
        rho = inf - 2 * self.t * self.b2 ** self.t / (1 - self.b2 ** self.t)
        if rho <= 5:
            return x - lr * m
        r = math.sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho))
        return x - lr * r * m * math.sqrt(1 - self.b2 ** self.t) / (np.sqrt(self.v) + self.eps)


class AdaBelief:
    def __init__(self, b1=.9, b2=.999, eps=1e-16):
        self.b1, self.b2, self.eps, self.t, self.m, self.s = b1, b2, eps, 0, 0, 0

    def step(self, x, g, lr):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.s = self.b2 * self.s + (1 - self.b2) * (g - self.m) ** 2 + self.eps
        m, s = self.m / (1 - self.b1 ** self.t), self.s / (1 - self.b2 ** self.t)
        return x - lr * m / (np.sqrt(s) + self.eps)


class Adagrad:
    def __init__(self, eps=1e-10, initial=0, decay=0):
        self.eps, self.v, self.decay, self.t = eps, initial, decay, 0

    def step(self, x, g, lr):
        lr, self.t, self.v = lr / (1 + self.t * self.decay), self.t + 1, self.v + g ** 2
        return x - lr * g / (np.sqrt(self.v) + self.eps)


class Adadelta:
    def __init__(self, rho=.9, eps=1e-6):
        self.rho, self.eps, self.v, self.u = rho, eps, 0, 0

    def step(self, x, g, lr):
        self.v = self.rho * self.v + (1 - self.rho) * g ** 2
        d = np.sqrt(self.u + self.eps) / np.sqrt(self.v + self.eps) * g
        self.u = self.rho * self.u + (1 - self.rho) * d ** 2
        return x - lr * d


class RMSprop:
    def __init__(self, rho=.99, eps=1e-8, mu=0, centered=False):
        self.rho, self.eps, self.mu, self.centered, self.v, self.a, self.b = rho, eps, mu, centered, 0, 0, 0

    def step(self, x, g, lr):
        self.v = self.rho * self.v + (1 - self.rho) * g ** 2
        self.a = self.rho * self.a + (1 - self.rho) * g
        self.b = self.mu * self.b + g / (np.sqrt(self.v - self.a ** 2 * self.centered) + self.eps)
        return x - lr * self.b


class Rprop:
    def __init__(self, etas=(.5, 1.2), bounds=(1e-6, 50)):
        self.etas, self.bounds, self.prev, self.size = etas, bounds, np.zeros(DIM), None

    def step(self, x, g, lr):
        if self.size is None:
            self.size = np.full(DIM, lr)
        g = g.copy()
        for i in range(DIM):
            if g[i] * self.prev[i] > 0:
                self.size[i] *= self.etas[1]
            elif g[i] * self.prev[i] < 0:
                self.size[i] *= self.etas[0]
                g[i] = 0
            self.size[i] = min(max(self.size[i], self.bounds[0]), self.bounds[1])
        self.prev = g
        return x - self.size * np.sign(g)


class Lion:
    def __init__(self, b1=.9, b2=.99):
        self.b1, self.b2, self.m = b1, b2, np.zeros(DIM)

    def step(self, x, g, lr):
        c = self.b1 * self.m + (1 - self.b1) * g
        self.m = self.b2 * self.m + (1 - self.b2) * g
        return x - lr * np.sign(c)


class Wrapped:
    """A step of the inner one after before(x, g, lr) -> (x, g)."""

    def __init__(self, inner, before):
        self.inner, self.before = inner, before

    def step(self, x, g, lr):
        x, g = self.before(x, g, lr)
        return self.inner.step(x, g, lr)


def coupled(inner, lam):
    return Wrapped(inner, lambda x, g, lr: (x, g + lam * x))


def decoupled(inner, lam, mask=1.0):
    return Wrapped(inner, lambda x, g, lr: (x - lr * lam * mask * x, g))


class Accumulate:
    def __init__(self, inner, k):
        self.inner, self.k, self.grads = inner, k, []

    def step(self, x, g, lr):
        self.grads.append(g)
        if len(self.grads) < self.k:
            return x
        g, self.grads = sum(self.grads) / self.k, []
        return self.inner.step(x, g, lr)


class Lookahead:
    def __init__(self, inner, k=5, alpha=.5):
        self.inner, self.k, self.alpha, self.t, self.slow = inner, k, alpha, 0, None

    def step(self, x, g, lr):
        self.slow = x if self.slow is None else self.slow
        x, self.t = self.inner.step(x, g, lr), self.t + 1
        if self.t % self.k == 0:
            self.slow = x = self.slow + self.alpha * (x - self.slow)
        return x


class Averaged:
    """Keeps all that was averaged, and computes the average from its definition."""

    def __init__(self, inner, use, weights):
        self.inner, self.use, self.weights, self.t, self.seen = inner, use, weights, 0, []

    def step(self, x, g, lr):
        x, self.t = self.inner.step(x, g, lr), self.t + 1
        if self.use(self.t):
            self.seen.append(x)
        return x

    def average(self):
        return sum(w * x for w, x in zip(self.weights(len(self.seen)), self.seen)) if self.seen else None


def ema_weights(d):
    return lambda n: [d ** (n - 1)] + [(1 - d) * d ** (n - 1 - i) for i in range(1, n)]


class Grouped:
    def __init__(self, groups):
        self.groups = groups  # (indices, rate, optimizer)

    def step(self, x, g, lr):
        x = x.copy()
        for index, rate, inner in self.groups:
            x[index] = inner.step(x[index], g[index], lr * rate)
        return x


class SAM:
    def __init__(self, inner, rho=.05):
        self.inner, self.rho = inner, rho

    def step_at(self, x, gradient, lr):
        g = gradient(x)
        return self.inner.step(x, gradient(x + self.rho * g / np.linalg.norm(g)), lr)


# ------------------------------------------------------------------------------------------ peers with PyTorch


class Torch:
    """make(params) is a torch optimizer. before(p, lr) may change the parameter and its gradient."""

    def __init__(self, make, before=None):
        self.make, self.before, self.opt = make, before, None

    def step(self, x, g, lr):
        if self.opt is None:
            self.p = torch.nn.Parameter(torch.zeros(len(x)))
            self.opt = self.make([self.p])
        self.p.data.copy_(torch.tensor(x))
        self.p.grad = torch.tensor(g)
        if self.before:
            with torch.no_grad():
                self.before(self.p, lr)
        for group in self.opt.param_groups:
            group["lr"] = lr
        self.opt.step()
        return self.p.detach().numpy().copy()


class TorchGroups:
    """groups holds (indices, rate, options): one torch optimizer with parameter groups."""

    def __init__(self, cls, groups):
        self.groups = groups
        self.ps = [torch.nn.Parameter(torch.zeros(len(index))) for index, _, _ in groups]
        self.opt = cls([dict(params=[p], lr=1, **opts) for p, (_, _, opts) in zip(self.ps, groups)], lr=1)

    def step(self, x, g, lr):
        x = x.copy()
        for p, group, (index, rate, _) in zip(self.ps, self.opt.param_groups, self.groups):
            p.data.copy_(torch.tensor(x[index]))
            p.grad = torch.tensor(g[index])
            group["lr"] = lr * rate
        self.opt.step()
        for p, (index, _, _) in zip(self.ps, self.groups):
            x[index] = p.detach().numpy()
        return x


class TorchAverage:
    def __init__(self, inner, use, avg_fn=None):
        self.inner, self.use, self.t = inner, use, 0
        self.model = torch.nn.Linear(DIM, 1, bias=False)
        self.averaged = AveragedModel(self.model, avg_fn=avg_fn)

    def step(self, x, g, lr):
        x, self.t = self.inner.step(x, g, lr), self.t + 1
        self.model.weight.data.copy_(torch.tensor(x)[None, :])
        if self.use(self.t):
            self.averaged.update_parameters(self.model)
        return x

    def average(self):
        return self.averaged.module.weight.detach().numpy()[0].copy() if self.averaged.n_averaged else None


O = torch.optim
MOMENTUM = dict(momentum=0.9)


def sgd(**kw):
    return Torch(lambda p: O.SGD(p, lr=1, **kw))


def shrink(lam):
    return lambda p, lr: p.mul_(1 - lr * lam)


def add_sign(lam):
    return lambda p, lr: p.grad.add_(torch.sign(p), alpha=lam)


def clip_norm(limit):
    return lambda x, g, lr: (x, g * min(1, limit / (np.linalg.norm(g) + 1e-6)))


def always(t):
    return True


def late(t):
    return t > 40 and (t - 40) % 3 == 0


FIRST, SECOND = [0, 1, 3], [2]
KEEP = np.array([1.0, 0, 0, 1.0])  # adamw_except decays parameters 0 and 3

# name, learning rates on the two problems, torch or None, transcription; each is made anew for each problem.
CASES = [
    ("sgd", 5e-4, 0.1, lambda: sgd(), lambda: SGD()),
    ("sgd_momentum", 2e-4, 0.1, lambda: sgd(**MOMENTUM), lambda: SGD(.9)),
    ("sgd_dampening", 5e-4, 0.1, lambda: sgd(momentum=.9, dampening=.5), lambda: SGD(.9, .5)),
    ("sgd_nesterov", 2e-4, 0.1, lambda: sgd(momentum=.9, nesterov=True), lambda: SGD(.9, 0, True)),
    ("sgd_coupled", 2e-4, 0.1, lambda: sgd(momentum=.9, weight_decay=.1), lambda: coupled(SGD(.9), .1)),
    ("sgd_decoupled", 2e-4, 0.1, lambda: Torch(lambda p: O.SGD(p, lr=1, momentum=.9), shrink(.1)), lambda: decoupled(SGD(.9), .1)),
    ("sgd_sign_decay", 2e-4, 0.1, lambda: Torch(lambda p: O.SGD(p, lr=1, momentum=.9), add_sign(1e-6)), lambda: Wrapped(SGD(.9), lambda x, g, lr: (x, g + 1e-6 * np.sign(x)))),
    ("adam", .02, 1e-3, lambda: Torch(O.Adam), lambda: Adam()),
    ("adam_options", .02, 1e-3, lambda: Torch(lambda p: O.Adam(p, betas=(.8, .99), eps=1e-6)), lambda: Adam(.8, .99, 1e-6)),
    ("adam_beta1_zero", .02, 1e-3, lambda: Torch(lambda p: O.Adam(p, betas=(0., .99))), lambda: Adam(0, .99)),
    ("adam_coupled", .02, 1e-3, lambda: Torch(lambda p: O.Adam(p, weight_decay=1e-3)), lambda: coupled(Adam(), 1e-3)),
    ("amsgrad", .02, 1e-3, lambda: Torch(lambda p: O.Adam(p, amsgrad=True)), lambda: Adam(amsgrad=True)),
    ("amsgrad_options", .02, 1e-3, lambda: Torch(lambda p: O.Adam(p, betas=(.9, .9), amsgrad=True)), lambda: Adam(.9, .9, amsgrad=True)),
    ("adamw", .02, 1e-3, lambda: Torch(O.AdamW), lambda: decoupled(Adam(), .01)),
    ("adamw_options", .02, 1e-3, lambda: Torch(lambda p: O.AdamW(p, weight_decay=.1, amsgrad=True)), lambda: decoupled(Adam(amsgrad=True), .1)),
    ("adamw_except", .02, 1e-3, lambda: TorchGroups(O.AdamW, [([0, 3], 1, dict(weight_decay=.1)), ([1, 2], 1, dict(weight_decay=0))]), lambda: decoupled(Adam(), .1, KEEP)),
    ("adamax", .02, 1e-3, lambda: Torch(O.Adamax), lambda: Adamax()),
    ("adamax_options", .02, 1e-3, lambda: Torch(lambda p: O.Adamax(p, betas=(.8, .9), eps=1e-6)), lambda: Adamax(.8, .9, 1e-6)),
    ("nadam", .02, 1e-3, lambda: Torch(lambda p: O.NAdam(p, foreach=True)), lambda: NAdam()),
    ("nadam_options", .02, 1e-3, lambda: Torch(lambda p: O.NAdam(p, momentum_decay=.5, foreach=True)), lambda: NAdam(.5)),
    ("radam", 2e-4, 1e-3, lambda: Torch(lambda p: O.RAdam(p, foreach=False)), lambda: RAdam()),
    ("radam_options", 2e-4, 1e-3, lambda: Torch(lambda p: O.RAdam(p, betas=(.8, .9), eps=1e-7, foreach=False)), lambda: RAdam(.8, .9, 1e-7)),
    ("adabelief", .02, 1e-3, None, lambda: AdaBelief()),
    ("adabelief_options", .02, 1e-3, None, lambda: AdaBelief(.8, .99, 1e-14)),
    ("adagrad", .1, 1e-3, lambda: Torch(O.Adagrad), lambda: Adagrad()),
    ("adagrad_options", .1, 1e-3, lambda: Torch(lambda p: O.Adagrad(p, eps=1e-7, initial_accumulator_value=1e-12, lr_decay=.05)), lambda: Adagrad(1e-7, 1e-12, .05)),
    ("adadelta", 1, 1, lambda: Torch(O.Adadelta), lambda: Adadelta()),
    ("adadelta_options", .5, .5, lambda: Torch(lambda p: O.Adadelta(p, rho=.5, eps=1e-12)), lambda: Adadelta(.5, 1e-12)),
    ("rmsprop", .01, 1e-3, lambda: Torch(O.RMSprop), lambda: RMSprop()),
    ("rmsprop_momentum", .002, 1e-3, lambda: Torch(lambda p: O.RMSprop(p, momentum=.9)), lambda: RMSprop(mu=.9)),
    ("rmsprop_centered", .01, 1e-3, lambda: Torch(lambda p: O.RMSprop(p, centered=True)), lambda: RMSprop(centered=True)),
    ("rmsprop_options", .002, 1e-3, lambda: Torch(lambda p: O.RMSprop(p, alpha=.9, eps=1e-7, momentum=.5, centered=True)), lambda: RMSprop(.9, 1e-7, .5, True)),
    ("rprop", .01, 1e-3, lambda: Torch(O.Rprop), lambda: Rprop()),
    ("rprop_options", .01, 1e-3, lambda: Torch(lambda p: O.Rprop(p, etas=(.3, 1.5), step_sizes=(1e-4, .05))), lambda: Rprop((.3, 1.5), (1e-4, .05))),
    ("lion", .005, 1e-3, None, lambda: Lion()),
    ("lion_options", .005, 1e-3, None, lambda: decoupled(Lion(.8, .9), .1)),
    ("clip_value", 2e-2, 0.1, lambda: Torch(lambda p: O.SGD(p, lr=1, momentum=.9), lambda p, lr: clip_grad_value_([p], 1e-6)), lambda: Wrapped(SGD(.9), lambda x, g, lr: (x, np.clip(g, -1e-6, 1e-6)))),
    ("clip_norm", 2e-2, 0.1, lambda: Torch(lambda p: O.SGD(p, lr=1, momentum=.9), lambda p, lr: clip_grad_norm_([p], 3e-6)), lambda: Wrapped(SGD(.9), clip_norm(3e-6))),
    ("accumulate", 5e-4, 0.1, lambda: Accumulate(sgd(**MOMENTUM), 4), lambda: Accumulate(SGD(.9), 4)),
    ("lookahead", .02, 1e-3, lambda: Lookahead(Torch(O.Adam)), lambda: Lookahead(Adam())),
    ("lookahead_options", 2e-4, 0.1, lambda: Lookahead(sgd(**MOMENTUM), 3, .8), lambda: Lookahead(SGD(.9), 3, .8)),
    ("sam", 2e-4, 0.1, lambda: SAM(sgd(**MOMENTUM)), lambda: SAM(SGD(.9))),
    ("ema", 2e-4, 0.1, lambda: TorchAverage(sgd(**MOMENTUM), always, lambda a, p, n: .95 * a + .05 * p), lambda: Averaged(SGD(.9), always, ema_weights(.95))),
    ("swa", 2e-4, 0.1, lambda: TorchAverage(sgd(**MOMENTUM), late), lambda: Averaged(SGD(.9), late, lambda n: [1 / n] * n)),
    ("groups", 2e-4, 0.1, lambda: TorchGroups(O.SGD, [(FIRST, 1, dict(momentum=.9)), (SECOND, .1, dict(momentum=.5, weight_decay=.1))]),
     lambda: Grouped([(FIRST, 1, SGD(.9)), (SECOND, .1, coupled(SGD(.5), .1))])),
]


def trajectory(opt, problem, lr):
    x, gradient = PROBLEMS[problem]
    rows = []
    for t in range(STEPS):
        rate = lr * MULTIPLIERS[t]
        if isinstance(opt, SAM):
            x = opt.step_at(x, lambda at: gradient(at, t), rate)
        else:
            x = opt.step(x, gradient(x, t), rate)
        average = opt.average() if hasattr(opt, "average") else None
        rows.append(x if average is None else np.concatenate([x, average]))
    return rows


def assert_close(name, a, b, tol):
    for t, (x, y) in enumerate(zip(a, b)):
        x, y = np.atleast_1d(x), np.atleast_1d(y)
        assert x.shape == y.shape and np.isfinite(x).all(), (name, t, x, y)
        worst = np.max(abs(x - y)) / max(np.max(abs(y)), 1e-300)
        assert worst < tol, f"{name}: step {t}: peer {x}, formula {y}, relative difference {worst:.3g}"


def check_identities():
    """Laws that hold for the optimizers that PyTorch does not have."""
    theta, g = np.array([1.0, -2, 3, -4]), np.array([.5, .25, -1, 2.0])
    # Lion without memory is descent by signs.
    assert (Lion(0, 0).step(theta, g, .1) == theta - .1 * np.sign(g)).all()
    # AdaBelief with beta1 = 0 believes every gradient: s is epsilon/(1-beta2) once corrected, exactly.
    a, x = AdaBelief(0, .9, 1e-4), theta
    for _ in range(20):
        x = a.step(x, g, .1)
    assert np.allclose(x, theta - 20 * .1 * g / (math.sqrt(1e-4 / .1) + 1e-4), rtol=1e-13, atol=0)
    # Lookahead that looks one step ahead is its inner optimizer at a part of the rate.
    assert np.allclose(Lookahead(SGD(), 1, .3).step(theta, g, .1), SGD().step(theta, g, .03), rtol=1e-15, atol=0)
    # On 1/2 c |x|^2 the ascent of SAM multiplies the gradient by 1 + rho/|x|.
    n = np.linalg.norm(theta)
    assert np.allclose(SAM(SGD(), .05).step_at(theta, lambda x: 2 * x, .1), theta - .1 * 2 * theta * (1 + .05 / n), rtol=1e-15, atol=0)
    # Accumulating equal gradients is one step on that gradient.
    acc, x = Accumulate(SGD(.9), 4), theta
    for _ in range(4):
        x = acc.step(x, g, .1)
    assert (x == theta - .1 * g).all()


def optimizers():
    check_identities()
    cases = []
    for name, smooth, bursty, peer, formula in CASES:
        case = dict(name=name, rates=dict(rosenbrock=smooth, bursts=bursty))
        for problem, lr in case["rates"].items():
            want = trajectory(formula(), problem, lr)
            if peer:
                got = trajectory(peer(), problem, lr)
                assert_close(f"{name} on {problem}", got, want, 1e-11)
                want = got
            case[problem] = [want[t - 1].tolist() for t in RECORD]
        cases.append(case)
    return dict(
        record=RECORD, multipliers=MULTIPLIERS, bursts=BURSTS.tolist(),
        start={name: start.tolist() for name, (start, _) in PROBLEMS.items()}, cases=cases)


# ---------------------------------------------------------------------------------------------------- schedules


def rates(make, n, lr=0.5, metrics=None):
    """The learning rates of n steps under the scheduler make(optimizer)."""
    opt = O.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=.9)
    s, out = make(opt), []
    for t in range(n):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        s.step(*([metrics[t]] if metrics else []))
    return out


def cos01(t):
    return (1 + math.cos(math.pi * t)) / 2


def restarts(t, length, growth):
    while t >= length:
        t, length = t - length, length * growth
    return t / length


def triangle(t, up, down):
    t %= up + down
    return t / up if t <= up else (up + down - t) / down


def one_cycle(t, total, peak, rise=cos01):
    """Smith's cycle with fastai's end: from 0.5/25 to 0.5 at step peak, to 0.5/25e4 at the last."""
    if t <= peak:
        return .5 + (.02 - .5) * rise(t / peak)
    return 2e-6 + (.5 - 2e-6) * rise((t - peak) / (total - 1 - peak))


def three_phases(t, total, peak):
    for a, b, start, end in [(.02, .5, 0, peak), (.5, .02, peak, 2 * peak), (.02, 2e-6, 2 * peak, total - 1)]:
        if t <= end:
            return b + (a - b) * cos01((t - start) / (end - start))


METRICS = [1, .8, .7, .7, .71, .7, .69995, .72, .5, .5, .5, .5, .5, .6, .6, .4, .4, .4, .4, .4, .4, .4, .4,
           float("nan"), .39999, .4, .3, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2]


def plateau(factor, patience, threshold, relative, larger, cooldown, least, metrics):
    """Reduces when more than patience metrics in a row, outside the cooldown, did not improve on the best."""
    lr, best, bad, cooling, out = .5, None, 0, 0, []
    for m in metrics:
        out.append(lr)
        margin = threshold * (abs(best) if relative else 1) if best is not None else 0
        better = not math.isnan(m) and (best is None or (m > best + margin if larger else m < best - margin))
        best, bad = (m, 0) if better else (best, bad + 1)
        if cooling > 0:
            cooling, bad = cooling - 1, 0
        if bad > patience:
            reduced = max(lr * factor, least)
            lr, cooling, bad = reduced if lr - reduced > 1e-8 else lr, cooldown, 0
    return out


def warm_then_cosine(opt):
    parts = [sched.LinearLR(opt, .1, total_iters=10), sched.CosineAnnealingLR(opt, 30)]
    return sched.SequentialLR(opt, parts, [10])


def three_in_sequence(opt):
    parts = [sched.ConstantLR(opt, 1.0), sched.StepLR(opt, 4, .5), sched.ExponentialLR(opt, .9)]
    return sched.SequentialLR(opt, parts, [5, 20])


# name, scheduler, steps, formula
SCHEDULES = [
    ("constant", lambda o: sched.ConstantLR(o, 1.0), 10, lambda t: .5),
    ("step", lambda o: sched.StepLR(o, 7, .3), 40, lambda t: .5 * .3 ** (t // 7)),
    ("multi_step", lambda o: sched.MultiStepLR(o, [3, 10, 10, 25], .5), 40, lambda t: .5 * .5 ** sum(t >= m for m in (3, 10, 10, 25))),
    ("exponential", lambda o: sched.ExponentialLR(o, .93), 40, lambda t: .5 * .93 ** t),
    ("linear_up", lambda o: sched.LinearLR(o, .1, total_iters=12), 30, lambda t: .05 + .45 * min(t / 12, 1)),
    ("linear_down", lambda o: sched.LinearLR(o, 1.0, .2, total_iters=12), 30, lambda t: .5 - .4 * min(t / 12, 1)),
    ("polynomial", lambda o: sched.PolynomialLR(o, 20, 1.7), 30, lambda t: .5 * (1 - min(t / 20, 1)) ** 1.7),
    ("cosine", lambda o: sched.CosineAnnealingLR(o, 30, .01), 31, lambda t: .01 + .49 * cos01(t / 30)),
    ("cosine_restarts", lambda o: sched.CosineAnnealingWarmRestarts(o, 6, 1, .01), 40, lambda t: .01 + .49 * cos01(restarts(t, 6, 1))),
    ("cosine_restarts_growth", lambda o: sched.CosineAnnealingWarmRestarts(o, 5, 2), 80, lambda t: .5 * cos01(restarts(t, 5, 2))),
    ("one_cycle", lambda o: sched.OneCycleLR(o, .5, 50, cycle_momentum=False), 50, lambda t: one_cycle(t, 50, 14)),
    ("one_cycle_linear", lambda o: sched.OneCycleLR(o, .5, 45, pct_start=.25, anneal_strategy="linear"), 45, lambda t: one_cycle(t, 45, 10.25, lambda u: 1 - u)),
    ("one_cycle_three_phase", lambda o: sched.OneCycleLR(o, .5, 50, pct_start=.3, three_phase=True), 50, lambda t: three_phases(t, 50, 14)),
    ("cyclic_triangular", lambda o: sched.CyclicLR(o, .1, .5, 4, 7), 40, lambda t: .1 + .4 * triangle(t, 4, 7)),
    ("cyclic_triangular2", lambda o: sched.CyclicLR(o, .1, .5, 4, 7, "triangular2"), 40, lambda t: .1 + .4 * triangle(t, 4, 7) / 2 ** (t // 11)),
    ("cyclic_exp_range", lambda o: sched.CyclicLR(o, .1, .5, 5, mode="exp_range", gamma=.97), 40, lambda t: .1 + .4 * triangle(t, 5, 5) * .97 ** t),
    ("sequence", three_in_sequence, 40, lambda t: .5 if t < 5 else .5 * .5 ** ((t - 5) // 4) if t < 20 else .5 * .9 ** (t - 20)),
    ("warmup", warm_then_cosine, 41, lambda t: .05 + .45 * t / 10 if t < 10 else .5 * cos01((t - 10) / 30)),
]
PLATEAUS = [
    ("plateau", dict(factor=.5, patience=2, threshold=1e-4), (.5, 2, 1e-4, True, False, 0, 0), METRICS),
    ("plateau_cooldown", dict(factor=.5, patience=1, cooldown=3, min_lr=.1), (.5, 1, 1e-4, True, False, 3, .1), METRICS),
    ("plateau_absolute", dict(factor=.1, patience=1, threshold=.15, threshold_mode="abs"), (.1, 1, .15, False, False, 0, 0), METRICS[:23]),
    ("plateau_max", dict(factor=.5, patience=1, threshold=.01, mode="max"), (.5, 1, .01, True, True, 0, 0), [1 - .5 * m for m in METRICS]),
    ("plateau_max_absolute", dict(factor=.5, patience=1, threshold=.01, mode="max", threshold_mode="abs"), (.5, 1, .01, False, True, 0, 0), [1 - .5 * m for m in METRICS]),
]


def schedules():
    cases = []
    for name, make, n, formula in SCHEDULES:
        got = rates(make, n)
        scale = max(got)
        for t in range(n):
            assert abs(got[t] - formula(t)) < 1e-13 * scale, (name, t, got[t], formula(t))
        cases.append(dict(name=name, rates=got))
    for name, options, settings, metrics in PLATEAUS:
        got = rates(lambda o: sched.ReduceLROnPlateau(o, **options), len(metrics), metrics=metrics)
        want = plateau(*settings, metrics)
        assert np.allclose(got, want, rtol=1e-14, atol=0), (name, got, want)
        assert len(set(got)) > 2, (name, got)
        cases.append(dict(name=name, rates=got, metrics=[None if math.isnan(m) else m for m in metrics]))
    return cases


def write(name, value):
    with open(os.path.join(HERE, name), "w") as f:
        json.dump(value, f, separators=(",", ":"), allow_nan=False)
        f.write("\n")


if __name__ == "__main__":
    write("optimizers.json", optimizers())
    write("schedules.json", schedules())
