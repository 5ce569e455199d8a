"""The pieces of training and prediction, for peer.py: a step of an optimizer, a loss with its gradient, a layer forward
and backward, a prediction, a calibrator, folds."""
import numpy as np

from arrays import import_jax, import_torch, load


def few(values):
    """About a thousand of the numbers."""
    values = np.ravel(np.asarray(values))
    return values[::max(1, values.size // 1000)]


def optimizers(a):
    """What each name is in PyTorch and in Optax; where both are there, both come to the same."""
    rate = a["rate"]
    in_torch = {
        "sgd": ("SGD", {}), "momentum": ("SGD", {"momentum": 0.9}), "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
        "adam": ("Adam", {}), "amsgrad": ("Adam", {"amsgrad": True}), "adamw": ("AdamW", {"weight_decay": 0.01}),
        "rmsprop": ("RMSprop", {}), "adagrad": ("Adagrad", {}), "adadelta": ("Adadelta", {}), "nadam": ("NAdam", {}),
        "radam": ("RAdam", {}), "adamax": ("Adamax", {}), "rprop": ("Rprop", {}),
    }

    def in_optax(optax):
        return {
            "sgd": lambda: optax.sgd(rate), "momentum": lambda: optax.sgd(rate, momentum=0.9),
            "nesterov": lambda: optax.sgd(rate, momentum=0.9, nesterov=True), "adam": lambda: optax.adam(rate),
            "adamw": lambda: optax.adamw(rate, weight_decay=0.01),
            "rmsprop": lambda: optax.rmsprop(rate, decay=0.99, eps=1e-8, eps_in_sqrt=False),
            "adagrad": lambda: optax.adagrad(rate, initial_accumulator_value=0, eps=0),
            "adadelta": lambda: optax.adadelta(rate, rho=0.9, eps=1e-6), "adamax": lambda: optax.adamax(rate),
            "lion": lambda: optax.lion(rate, weight_decay=0), "adabelief": lambda: optax.adabelief(rate, eps=1e-16, eps_root=1e-16),
            "muon": lambda: optax.contrib.muon(rate, beta=0.95),
        }
    return in_torch, in_optax


def optim(a):
    """A step. What is checked is θ after ten steps whose gradients differ in their length and at last in their sign."""
    start, grad = np.ravel(load(a["x"])), np.ravel(load(a["y"]))
    if a["step"] == "muon":
        side = int(np.sqrt(start.size))
        start, grad = start.reshape(side, side), grad.reshape(side, side)
    step, theta = (optax_step if a["solver"] == "Optax" else torch_step)(a, start, grad)

    def check():
        for k in range(10):
            step(1 - 0.15 * k)
        return few(theta())

    return step, check


def torch_step(a, start, grad):
    torch = import_torch()
    kind, settings = optimizers(a)[0][a["step"]]
    p = torch.nn.Parameter(torch.tensor(start))
    grads = {k: torch.tensor(k * grad) for k in [1 - 0.15 * k for k in range(10)]}
    settings |= {"foreach": {"foreach": True}, "fused": {"fused": True}}.get(a["solver"], {})
    o = getattr(torch.optim, kind)([p], lr=a["rate"], **settings)
    move = torch.compile(o.step) if a["solver"] == "torch.compile" else o.step

    def step(length=1):
        p.grad = grads[length]
        move()

    return step, lambda: p.detach().numpy()


def optax_step(a, start, grad):
    jax = import_jax()
    import functools
    import optax
    import optax.contrib
    o = optimizers(a)[1](optax)[a["step"]]()
    grads = {k: jax.numpy.asarray(k * grad) for k in [1 - 0.15 * k for k in range(10)]}
    theta = jax.numpy.array(start)
    state = [theta, o.init(theta)]

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def move(theta, moments, grad):
        change, moments = o.update(grad, moments, theta)
        return optax.apply_updates(theta, change), moments

    def step(length=1):
        state[:] = move(*state, grads[length])
        state[0].block_until_ready()

    return step, lambda: np.asarray(state[0])


# ---- losses ----

def torch_losses(torch):
    f = torch.nn.functional

    def sign(y):
        return 2 * y - 1

    def focal(p, y):
        each = f.binary_cross_entropy_with_logits(p, y, reduction="none")
        return ((0.25 * y + 0.75 * (1 - y)) * (1 - torch.exp(-each)) ** 2 * each).mean()

    def multiclass(p, y):
        right = p.gather(1, y[:, None])
        others = p.scatter(1, y[:, None], float("-inf")).amax(1, keepdim=True)
        return f.relu(1 + others - right).mean()

    return {
        "mse": f.mse_loss, "mae": f.l1_loss, "huber": f.huber_loss, "logcosh": lambda p, y: torch.log(torch.cosh(p - y)).mean(),
        "quantile": lambda p, y: torch.maximum(0.9 * (y - p), -0.1 * (y - p)).mean(), "bce": f.binary_cross_entropy_with_logits,
        "focal": focal, "hinge": lambda p, y: f.relu(1 - sign(y) * p).mean(), "squaredhinge": lambda p, y: (f.relu(1 - sign(y) * p) ** 2).mean(),
        "poisson": f.poisson_nll_loss, "crossentropy": f.cross_entropy, "smoothed": lambda p, y: f.cross_entropy(p, y, label_smoothing=0.1),
        "kl": lambda p, y: f.kl_div(f.log_softmax(p, 1), y, reduction="batchmean"), "multiclasshinge": multiclass,
    }


def jax_losses(jax):
    import optax
    jnp = jax.numpy

    def focal(p, y):
        each = optax.sigmoid_binary_cross_entropy(p, y)
        return ((0.25 * y + 0.75 * (1 - y)) * (1 - jnp.exp(-each)) ** 2 * each).mean()

    def smoothed(p, y):
        return optax.softmax_cross_entropy(p, optax.smooth_labels(jax.nn.one_hot(y, p.shape[1]), 0.1)).mean()

    def multiclass(p, y):
        rows = jnp.arange(len(y))
        return jax.nn.relu(1 + p.at[rows, y].set(-jnp.inf).max(1) - p[rows, y]).mean()

    return {
        "mse": lambda p, y: ((p - y) ** 2).mean(), "mae": lambda p, y: abs(p - y).mean(), "huber": lambda p, y: optax.huber_loss(p, y).mean(),
        "logcosh": lambda p, y: optax.log_cosh(p, y).mean(), "quantile": lambda p, y: jnp.maximum(0.9 * (y - p), -0.1 * (y - p)).mean(),
        "bce": lambda p, y: optax.sigmoid_binary_cross_entropy(p, y).mean(), "focal": focal,
        "hinge": lambda p, y: jax.nn.relu(1 - (2 * y - 1) * p).mean(), "squaredhinge": lambda p, y: (jax.nn.relu(1 - (2 * y - 1) * p) ** 2).mean(),
        "poisson": lambda p, y: (jnp.exp(p) - y * p).mean(), "smoothed": smoothed,
        "crossentropy": lambda p, y: optax.softmax_cross_entropy_with_integer_labels(p, y).mean(),
        "kl": lambda p, y: optax.kl_divergence(jax.nn.log_softmax(p), y).mean(), "multiclasshinge": multiclass,
    }


def losses(a):
    """A loss and its gradient with respect to the predictions."""
    pred, target = load(a["x"]), load(a["y"])
    if a["step"] in ("crossentropy", "smoothed", "multiclasshinge"):
        target = target.astype(np.int64)
    else:
        target = target.reshape(pred.shape)
    if a["solver"] == "JAX":
        jax = import_jax()
        p, y = jax.numpy.asarray(pred), jax.numpy.asarray(target)
        both = jax.jit(jax.value_and_grad(jax_losses(jax)[a["step"]]))

        def run():
            value, grad = both(p, y)
            grad.block_until_ready()
            return float(value), grad
    else:
        torch = import_torch()
        p, y = torch.tensor(pred, requires_grad=True), torch.tensor(target)
        of = torch_losses(torch)[a["step"]]
        if a["solver"] == "torch.compile":
            of = torch.compile(of, dynamic=False)

        def run():
            p.grad = None
            value = of(p, y)
            value.backward()
            return value.item(), p.grad

    def check():
        value, grad = run()
        return [value, *few(np.asarray(grad) * len(pred))]

    return run, check


# ---- layers ----

def modules(nn, step):
    def conv():
        return nn.Conv2d(16, 16, 3, padding=1)

    class Output(nn.Module):
        def forward(self, x):
            return x[0]

    return nn.Sequential(*{
        "dense": lambda: [nn.Linear(512, 512), nn.Linear(512, 512)], "conv": lambda: [conv(), conv()],
        "batchnorm": lambda: [nn.BatchNorm2d(16), nn.BatchNorm2d(16)], "layernorm": lambda: [nn.LayerNorm(512), nn.LayerNorm(512)],
        "maxpool": lambda: [nn.BatchNorm2d(16), nn.MaxPool2d(2)], "gelu": lambda: [nn.LayerNorm(512), nn.GELU("tanh")],
        "embedding": lambda: [nn.Embedding(10_000, 128)],
        "gru": lambda: [nn.Embedding(65, 128), nn.GRU(128, 128, batch_first=True), Output()],
        "mlp": lambda: [nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)],
    }[step]())


def parameters(nn, net):
    """Each parameter, and whether we keep its transpose."""
    return [(p, isinstance(layer, nn.Linear) and p.dim() == 2) for layer in net.modules() for p in layer.parameters(recurse=False)]


def fill(torch, net, theta):
    at = 0
    with torch.no_grad():
        for p, turned in parameters(torch.nn, net):
            part = torch.tensor(theta[at:at + p.numel()])
            at += p.numel()
            p.copy_(part.reshape(p.shape[::-1]).T if turned else part.reshape(p.shape))
    assert at == len(theta), f"{at} parameters, not {len(theta)}"


def layer(a):
    torch = import_torch()
    net = modules(torch.nn, a["step"])
    fill(torch, net, load(a["theta"]))
    x, d = load(a["x"]), torch.tensor(load(a["y"]), dtype=torch.float32)
    if a["step"] in ("embedding", "gru"):
        x = torch.tensor(x.astype(np.int64))
    else:
        x = torch.tensor(x, dtype=torch.float32)
        if a["step"] in ("conv", "batchnorm", "maxpool"):
            x = x.reshape(len(x), 16, 32, 32)
    forward = torch.compile(net, dynamic=False) if a["solver"] == "torch.compile" else net

    def run():
        net.zero_grad()
        y = forward(x)
        y.backward(d.reshape(y.shape))
        return y.detach()

    def check():
        y = run()
        grads = [np.ravel((p.grad.T if turned else p.grad).contiguous()) for p, turned in parameters(torch.nn, net)]
        return [*few(y), *few(np.concatenate(grads))]

    return run, check


# ---- predictions ----

def predict(a):
    from sklearn.linear_model import LinearRegression, LogisticRegression
    x, theta = load(a["x"]), np.ravel(load(a["theta"]))
    if a["step"] == "linear":
        m = LinearRegression()
        m.coef_, m.intercept_ = theta[1:], theta[0]
        return lambda: m.predict(x), lambda: few(m.predict(x))
    m = LogisticRegression()
    m.coef_, m.intercept_, m.classes_ = theta[None, 1:], theta[:1], np.array([0, 1])
    return lambda: m.predict_proba(x), lambda: few(m.predict_proba(x)[:, 1])


def network_predict(a):
    x, theta = load(a["x"]).astype(a["precision"]), load(a["theta"])
    if a["solver"] == "JAX":
        jax = import_jax()
        weights, at = [], 0
        for inputs, outputs in ((20, 64), (64, 64), (64, 1)):
            for shape in ((inputs, outputs), (outputs,)):
                weights.append(jax.numpy.asarray(theta[at:at + np.prod(shape)].reshape(shape).astype(a["precision"])))
                at += np.prod(shape)

        @jax.jit
        def forward(x):
            for k in (0, 2, 4):
                x = x @ weights[k] + weights[k + 1]
                x = jax.nn.relu(x) if k < 4 else x
            return x

        x = jax.numpy.asarray(x)
        return lambda: forward(x).block_until_ready(), lambda: few(forward(x))
    torch = import_torch()
    net = modules(torch.nn, "mlp").to(getattr(torch, a["precision"]))
    fill(torch, net, theta)
    net.eval()
    x = torch.tensor(x)
    forward = torch.compile(net, dynamic=False) if a["solver"] == "torch.compile" else net

    @torch.inference_mode()
    def run():
        return forward(x)

    return run, lambda: few(run())


# ---- calibration and folds ----

def calibrated(a):
    from sklearn.calibration import _SigmoidCalibration
    from sklearn.isotonic import IsotonicRegression
    score, truth = np.ravel(load(a["x"])), np.ravel(load(a["y"]))
    if a["step"] == "platt":
        def run():
            m = _SigmoidCalibration().fit(score, truth)
            return m.a_, m.b_
        return run, run

    def fit():
        return IsotonicRegression(out_of_bounds="clip").fit(score, truth)

    fitted = fit()
    if a["step"] == "isotonic":
        return fit, lambda: few(fit().predict(score))
    return lambda: fitted.predict(score), lambda: few(fitted.predict(score))


def folds(a):
    from sklearn import model_selection as s
    groups, labels = load(a["x"]), np.ravel(load(a["y"])).astype(int)
    kind = {
        "kfold": lambda: s.KFold(10), "shuffled": lambda: s.KFold(10, shuffle=True, random_state=1), "stratified": lambda: s.StratifiedKFold(10),
        "groups": lambda: s.GroupKFold(10), "stratifiedgroups": lambda: s.StratifiedGroupKFold(10), "time": lambda: s.TimeSeriesSplit(10),
    }[a["step"]]

    def run():
        return list(kind().split(labels, labels, groups))

    def check():
        sums = []
        for train, test in run():
            ordered = a["step"] != "shuffled"  # the order of another generator
            sums += [len(train), len(test), test @ (np.arange(len(test)) % 13 + 1) if ordered else 0]
        return sums

    return run, check


WORKS = {f.__name__: f for f in (optim, losses, layer, predict, network_predict, calibrated, folds)}
