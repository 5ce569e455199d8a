"""The pieces of training and prediction, for peer.py: a step of an optimizer, a loss with its gradient, a layer forward and backward."""
import numpy as np

from arrays import import_jax, import_torch, load, summary


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
        return summary(theta())

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


WORKS = {f.__name__: f for f in (optim,)}
