"""What all the Python programs of this folder share: the files they read, and the report they print."""
import csv
import json
import pathlib
import sys
import time

import numpy as np

UNITS, BATCH, EPOCHS = 32, 32, 20
RATE = {"sgd": 0.5, "adam": 0.01}


def load():
    """Returns the training rows in their order, their labels, and W1, b1, W2, b2 of the start."""
    rows = np.loadtxt(folder() / "train.csv", delimiter=",")
    theta = np.loadtxt(folder() / "start.csv")
    x, y = rows[:, :-1], rows[:, -1].astype(int)
    inputs, outputs = x.shape[1], int(y.max()) + 1
    shapes = [(inputs, UNITS), (UNITS,), (UNITS, outputs), (outputs,)]
    parts = np.split(theta, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    return x, y, [p.reshape(s) for p, s in zip(parts, shapes)]


def folder():
    return pathlib.Path(sys.argv[1])


def optimizer():
    return sys.argv[2]


class Clock:
    """Knows the seconds of processor time that each epoch ended after."""

    def __init__(self):
        self.begin, self.epochs = time.process_time(), []

    def epoch(self):
        self.epochs.append(time.process_time() - self.begin)


def report(version, losses, parameters, clock):
    """Prints what run.py reads. The parameters are W1, b1, W2, b2, in any shape that is row by row ours."""
    theta = np.concatenate([np.asarray(p, dtype=float).ravel() for p in parameters])
    print(json.dumps({"version": version, "losses": [float(v) for v in losses], "theta": theta.tolist(), "epochs": clock.epochs}))
