"""What every work of peer.py needs: the files' arrays, sums that are compared, and libraries that keep to a number of threads."""
import os

import numpy as np

files = {}


def load(path):
    """The array in a file, read once for all works of a contest."""
    if path not in files:
        files[path] = np.load(path)
    return files[path]


def same(run):
    """A work whose timed run returns what is checked."""
    return run, lambda: np.ravel(run())


def summary(x):
    """The sum of the squares of what is stored, and one in which each counts by its place."""
    if not isinstance(x, np.ndarray):
        x.sort_indices()
        x = x.data
    v = np.ravel(np.asarray(x, dtype=float)) ** 2
    return [v.size, v.sum(), v @ (np.arange(v.size) % 13 + 1)]


def import_torch():
    import torch
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    return torch


def import_jax():
    """JAX on the processor, in float64, with as many threads as it sees cores."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:int(os.environ["OMP_NUM_THREADS"])])
    import jax
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    jax.devices()
    os.sched_setaffinity(0, cores)
    return jax
