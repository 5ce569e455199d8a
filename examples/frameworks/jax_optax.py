"""The task in JAX with Optax: jax_optax.py FOLDER sgd|adam"""
import jax
import jax.numpy as jnp
import optax
from common import BATCH, EPOCHS, RATE, Clock, load, optimizer, report

jax.config.update("jax_enable_x64", True)
x, y, start = load()

# BEGIN
parameters = [jnp.asarray(p) for p in start]
rule = {"sgd": optax.sgd, "adam": optax.adam}[optimizer()](RATE[optimizer()])
state = rule.init(parameters)


def mean_loss(parameters, x, y):
    w1, b1, w2, b2 = parameters
    scores = jnp.tanh(x @ w1 + b1) @ w2 + b2
    return optax.softmax_cross_entropy_with_integer_labels(scores, y).mean()


@jax.jit
def step(parameters, state, x, y):
    loss, gradient = jax.value_and_grad(mean_loss)(parameters, x, y)
    updates, state = rule.update(gradient, state)
    return optax.apply_updates(parameters, updates), state, loss


losses, clock = [], Clock()
for _ in range(EPOCHS):
    total = 0.0
    for low in range(0, len(x), BATCH):
        part = slice(low, low + BATCH)
        parameters, state, loss = step(parameters, state, x[part], y[part])
        total += float(loss) * len(x[part])
    losses.append(total / len(x))
    clock.epoch()
# END

report(f"{jax.__version__} with Optax {optax.__version__}", losses, parameters, clock)
