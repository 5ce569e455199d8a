"""Writes today.json: trajectories of optimizers that PyTorch 1.13 does not have, in the form of optimizers.json.

It needs a PyTorch that has torch.optim.Muon, and Optax. As in golden.py each trajectory is computed twice, by the
peer and by a transcription of the formula, and the script fails unless both agree.

PyTorch's Muon rounds its matrices to bfloat16; here its own source is compiled once more without that. Optax's
schedule_free takes its learning rate when it is made, and asks a schedule for that of the next step; here it is made
anew at each step, with the rate of the step, and keeps its state. It cannot have beta = 0.
"""
import inspect
import math

import jax
import numpy as np
import optax
import torch
from optax.contrib import _muon as optax_muon
from torch.optim import _muon as torch_muon
from torch.optim import lr_scheduler as sched

import golden
from golden import MULTIPLIERS, PROBLEMS, RECORD, STEPS, Adam, Averaged, Grouped, SGD, Torch, assert_close, decoupled, sgd, trajectory, write

jax.config.update("jax_enable_x64", True)
source = inspect.getsource(torch_muon._zeropower_via_newtonschulz)
assert "torch.bfloat16" in source
exec(compile(source.replace("torch.bfloat16", "torch.float64"), "muon without bfloat16", "exec"), vars(torch_muon))

JORDAN = (3.4445, -4.7750, 2.0315)


# ------------------------------------------------------------------------------------------------ transcriptions


def newton_schulz(x, coefficients, k, eps):
    """By singular values: the iteration is a polynomial of each."""
    u, s, v = np.linalg.svd(x, full_matrices=False)
    s = s / max(np.linalg.norm(x), eps)
    for _ in range(k):
        a, b, c = coefficients
        s = a * s + b * s ** 3 + c * s ** 5
    return u @ np.diag(s) @ v


class Muon:
    """shapes holds (inputs, outputs, output_rows): the matrices of which x consists, one behind the other."""

    def __init__(self, shapes, mu=.95, nesterov=True, coefficients=JORDAN, k=5, eps=1e-7, scale=lambda n, m: math.sqrt(max(1, m / n))):
        self.shapes, self.mu, self.nesterov, self.coefficients, self.k, self.eps, self.scale = shapes, mu, nesterov, coefficients, k, eps, scale
        self.m = 0

    def step(self, x, g, lr):
        self.m = self.mu * self.m + (1 - self.mu) * g
        update = (1 - self.mu) * g + self.mu * self.m if self.nesterov else self.m
        x, at = x.copy(), 0
        for n, m, output_rows in self.shapes:
            part = slice(at, at + n * m)
            matrix = update[part].reshape((m, n) if output_rows else (n, m))
            x[part] -= lr * self.scale(n, m) * newton_schulz(matrix, self.coefficients, self.k, self.eps).ravel()
            at += n * m
        return x


class ScheduleFree:
    def __init__(self, inner, beta=.9, power=2, decay=0):
        self.inner, self.beta, self.power, self.decay, self.z, self.top, self.total = inner, beta, power, decay, None, 0, 0

    def step(self, y, g, lr):
        if self.z is None:
            self.x = self.z = y
        self.z = self.inner.step(self.z - lr * self.decay * y, g, lr)
        self.top = max(self.top, lr)
        self.total += self.top ** self.power
        c = self.top ** self.power / self.total
        self.x = (1 - c) * self.x + c * self.z
        return (1 - self.beta) * self.z + self.beta * self.x

    def average(self):
        return self.x


class ASGD:
    def __init__(self, lam=1e-4, power=.75, start=0):
        self.lam, self.power, self.start, self.t, self.mean = lam, power, start, 0, None

    def step(self, x, g, lr):
        eta = lr / (1 + self.lam * lr * self.t) ** self.power
        x = x - eta * self.lam * x - eta * g
        n = max(1, self.t - self.start)
        self.mean = x if n == 1 else self.mean + (x - self.mean) / n
        self.t += 1
        return x

    def average(self):
        return self.mean


class Cycled:
    """set(inner, momentum) before each step; height is 0 where the momentum is high, and 1 where it is low."""

    def __init__(self, inner, attribute, low, high, height):
        self.inner, self.attribute, self.low, self.high, self.height, self.t = inner, attribute, low, high, height, 0

    def step(self, x, g, lr):
        setattr(self.inner, self.attribute, self.high - (self.high - self.low) * self.height(self.t))
        self.t += 1
        return self.inner.step(x, g, lr)


def one_cycle(t):
    peak = .3 * STEPS - 1
    return golden.cos01(1 - t / peak) if t <= peak else golden.cos01((t - peak) / (STEPS - 1 - peak))


def three_phases(t):
    peak = .25 * STEPS - 1
    return t / peak if t <= peak else max(0, 2 - t / peak)


def rising(t):
    """Half of a rate that rises from 4e-4 to 2e-3 in 50 steps."""
    return .5 * (4e-4 + 16e-4 * min(t / 50, 1))


class Scheduled:
    """An optimizer that takes its rates from a function of its steps."""

    def __init__(self, inner, rate):
        self.inner, self.rate, self.t = inner, rate, 0

    def step(self, x, g, lr):
        self.t += 1
        return self.inner.step(x, g, self.rate(self.t - 1))


# --------------------------------------------------------------------------------------------------------- peers


class TorchMuon:
    def __init__(self, shapes, decay=0, **options):
        self.shapes, self.opt, self.decay, self.options = shapes, None, decay, options

    def parts(self, v):
        """The matrices with a row for each output, as torch.nn.Linear has them."""
        at = 0
        for n, m, output_rows in self.shapes:
            part = torch.tensor(v[at:at + n * m])
            yield part.reshape(m, n) if output_rows else part.reshape(n, m).T.contiguous()
            at += n * m

    def step(self, x, g, lr):
        if self.opt is None:
            self.ps = [torch.nn.Parameter(p) for p in self.parts(x)]
            self.opt = torch.optim.Muon(self.ps, weight_decay=self.decay, **self.options)
        for p, value, grad in zip(self.ps, self.parts(x), self.parts(g)):
            p.data.copy_(value)
            p.grad = grad
        self.opt.param_groups[0]["lr"] = lr
        self.opt.step()
        return np.concatenate([(p if shape[2] else p.T).detach().numpy().ravel() for p, shape in zip(self.ps, self.shapes)])


class OptaxScheduleFree:
    def __init__(self, base, beta=.9, power=2.):
        self.base, self.beta, self.power, self.state = base, beta, power, None

    def step(self, y, g, lr):
        opt = optax.contrib.schedule_free(self.base(lr), lr, b1=self.beta, weight_lr_power=self.power)
        y = jax.numpy.asarray(y)
        if self.state is None:
            self.state = opt.init(y)
        updates, self.state = opt.update(jax.numpy.asarray(g), self.state, y)
        self.y = optax.apply_updates(y, updates)
        return np.asarray(self.y)

    def average(self):
        return np.asarray(optax.contrib.schedule_free_eval_params(self.state, self.y))


def schedule_free_adamw(decay):
    """What optax.contrib.schedule_free_adamw puts inside."""
    return lambda lr: optax.chain(
        optax.scale_by_rms(decay=.999, eps=1e-8, eps_in_sqrt=False, bias_correction=True),
        optax.add_decayed_weights(decay), optax.scale_by_learning_rate(lr))


class TorchASGD:
    """PyTorch computes at the end of a step the eta of the next one, so it is given that one's rate."""

    def __init__(self, first, **options):
        self.t, self.opt, self.first, self.options = 0, None, first, options

    def step(self, x, g, lr):
        if self.opt is None:
            self.p = torch.nn.Parameter(torch.tensor(x))
            self.opt = torch.optim.ASGD([self.p], lr=lr, **self.options)
            self.p.grad = torch.tensor(g)
            self.opt._init_group(self.opt.param_groups[0], *([] for _ in range(6)))  # the first eta
        self.p.data.copy_(torch.tensor(x))
        self.p.grad = torch.tensor(g)
        self.opt.param_groups[0]["lr"] = self.first * MULTIPLIERS[min(self.t + 1, STEPS - 1)]
        self.opt.step()
        self.t += 1
        return self.p.detach().numpy().copy()

    def average(self):
        return self.opt.state[self.p]["ax"].numpy().copy()


class TorchCycled:
    """A scheduler of PyTorch's, of which the momentum alone is used."""

    def __init__(self, make, scheduler):
        self.p = torch.nn.Parameter(torch.zeros(golden.DIM))
        self.opt = make([self.p])
        self.scheduler = scheduler(self.opt)

    def step(self, x, g, lr):
        self.p.data.copy_(torch.tensor(x))
        self.p.grad = torch.tensor(g)
        self.opt.param_groups[0]["lr"] = lr
        self.opt.step()
        if self.scheduler.last_epoch < STEPS - 1:
            self.scheduler.step()
        return self.p.detach().numpy().copy()


SQUARE, MIXED = [(2, 2, False)], [(1, 2, True), (2, 1, False)]
FLAT = [(4, 1, False)]
O = torch.optim
HALVES = [0, 2], [1, 3]

CASES = [
    ("muon", .002, 1e-7, lambda lr: TorchMuon(SQUARE), lambda lr: Muon(SQUARE)),
    ("muon_options", .005, 1e-7,
     lambda lr: TorchMuon(MIXED, .1, momentum=.8, nesterov=False, ns_coefficients=(2, -1.5, .5), ns_steps=3, eps=1e-5, adjust_lr_fn="match_rms_adamw"),
     lambda lr: decoupled(Muon(MIXED, .8, False, (2, -1.5, .5), 3, 1e-5, lambda n, m: .2 * math.sqrt(max(n, m))), .1)),
    ("muon_spectral", .005, 1e-7, lambda lr: TorchMuon(FLAT, adjust_lr_fn="spectral_unclamped"),
     lambda lr: Muon(FLAT, scale=lambda n, m: math.sqrt(m / n))),
    ("schedule_free", 1e-3, .1, lambda lr: OptaxScheduleFree(optax.sgd), lambda lr: ScheduleFree(SGD())),
    ("schedule_free_options", 1e-3, .1, lambda lr: OptaxScheduleFree(optax.sgd, .5, 1.), lambda lr: ScheduleFree(SGD(), .5, 1)),
    ("schedule_free_polyak", 5e-4, .1, None, lambda lr: ScheduleFree(SGD(), 0, 0)),
    ("schedule_free_adamw", .02, 1e-3, lambda lr: OptaxScheduleFree(schedule_free_adamw(.1)), lambda lr: ScheduleFree(Adam(0), decay=.1)),
    ("asgd", 5e-4, .1, lambda lr: TorchASGD(lr, t0=20), lambda lr: ASGD(start=20)),
    ("asgd_options", 5e-4, .1, lambda lr: TorchASGD(lr, lambd=.5, alpha=.6, t0=0), lambda lr: ASGD(.5, .6)),
    ("momentum_one_cycle", 2e-4, .1,
     lambda lr: TorchCycled(lambda p: O.SGD(p, lr=1, momentum=.9), lambda o: sched.OneCycleLR(o, 1, STEPS)),
     lambda lr: Cycled(SGD(), "mu", .85, .95, one_cycle)),
    ("momentum_three_phase", .02, 1e-3,
     lambda lr: TorchCycled(lambda p: O.Adam(p, lr=1), lambda o: sched.OneCycleLR(o, 1, STEPS, pct_start=.25, anneal_strategy="linear", three_phase=True, base_momentum=.7)),
     lambda lr: Cycled(Adam(), "b1", .7, .95, three_phases)),
    ("momentum_cyclic", 2e-4, .1,
     lambda lr: TorchCycled(lambda p: O.SGD(p, lr=1, momentum=.9, nesterov=True), lambda o: sched.CyclicLR(o, .1, .5, 4, 7, "triangular2")),
     lambda lr: Cycled(SGD(nesterov=True), "mu", .8, .9, lambda t: golden.triangle(t, 4, 7) / 2 ** (t // 11))),
    ("groups_schedule", 2e-4, .1,
     lambda lr: Grouped([(HALVES[0], 1, sgd(momentum=.9)), (HALVES[1], .5, Scheduled(sgd(), rising))]),
     lambda lr: Grouped([(HALVES[0], 1, SGD(.9)), (HALVES[1], .5, Scheduled(SGD(), rising))])),
]


def check_identities():
    """Laws that tie the transcriptions to what the papers say, and Muon to Optax's."""
    x = np.random.default_rng(1).normal(size=(3, 5))
    want = optax_muon.orthogonalize_via_newton_schulz(jax.numpy.asarray(x), jax.numpy.asarray(JORDAN), 5, eps=0)
    assert np.allclose(newton_schulz(x, JORDAN, 5, 0), want, rtol=0, atol=1e-12)
    assert np.allclose(newton_schulz(x.T, JORDAN, 5, 0), want.T, rtol=0, atol=1e-12)
    # With the coefficients of a third-order iteration that converges, it is the polar factor UV'.
    u, _, v = np.linalg.svd(x, full_matrices=False)
    assert np.allclose(newton_schulz(x, (1.5, -.5, 0), 60, 0), u @ v, rtol=0, atol=1e-12)
    # Schedule-free with beta = 0 and equal weights is the plain mean of SGD's path.
    free, plain, path = ScheduleFree(SGD(), 0, 0), SGD(), []
    a = b = np.array([1.0, -2])
    for t in range(9):
        a, b = free.step(a, np.sin(a), .1), plain.step(b, np.sin(b), .1)
        path.append(b)
    assert np.allclose(free.average(), np.mean(path, 0), rtol=1e-14, atol=0)


check_identities()
cases = []
for name, smooth, bursty, peer, formula in CASES:
    case = dict(name=name, rates=dict(rosenbrock=smooth, bursts=bursty))
    for problem, lr in case["rates"].items():
        want = trajectory(formula(lr), problem, lr)
        if peer:
            got = trajectory(peer(lr), problem, lr)
            assert_close(f"{name} on {problem}", got, want, 1e-10)
            want = got
        case[problem] = [want[t - 1].tolist() for t in RECORD]
    cases.append(case)
write("today.json", cases)
