#!/usr/bin/env python3
"""Runs the task in every tool, in turn, and writes results.json, which notebook 7b shows.

    run.py [ROUNDS]      3 rounds by default; times are medians, of processor time, so that what else runs matters little

A tool is run by the first Python that can import it: the one that runs this program, or one of those that the
environment variable ALSO names, with colons between them. (TensorFlow and PyTorch may want different versions of NumPy.)
A tool that none of them has is named, and what results.json had of it stays.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULTS = HERE / "results.json"
TOOLS = [  # name, language, source, what must be importable
    ("Descent", "Go", HERE / "main.go", None),
    ("PyTorch", "Python", HERE / "pytorch.py", "torch"),
    ("Keras", "Python", HERE / "keras3.py", "keras, tensorflow"),
    ("JAX", "Python", HERE / "jax_optax.py", "jax, optax"),
    ("scikit-learn", "Python", HERE / "scikit.py", "sklearn"),
    ("GoMLX", "Go", ROOT / "examples/gomlx/digits.go", None),
]
OPTIMIZERS = ["sgd", "adam"]
EVERY = 40  # every 40th parameter is kept


def pythons():
    return [sys.executable] + [p for p in os.environ.get("ALSO", "").split(":") if p]


def can_import(python, modules):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run([python, "-c", f"import {modules}"], **quiet).returncode == 0


def build(folder):
    """Builds the programs in Go, and returns their paths."""
    made = {}
    for name, where, package in [("Descent", ROOT, "./examples/frameworks"), ("GoMLX", ROOT / "examples/gomlx", ".")]:
        made[name] = os.path.join(folder, name)
        subprocess.run(["go", "build", "-o", made[name], package], cwd=where, check=True)
    return made


def commands(folder):
    """Returns how each tool is started; one that is not there is left out, and named."""
    made, out = build(folder), {}
    for name, _, source, modules in TOOLS:
        if name == "Descent":
            out[name] = [made[name], "train"]
        elif name == "GoMLX":
            out[name] = [made[name], "digits"]
        else:
            python = next((p for p in pythons() if can_import(p, modules)), None)
            if python is None:
                print(f"{name} is left out, and its stored numbers stay: no Python here can import {modules}. "
                      f"Name one that can with ALSO=/path/to/python3.", file=sys.stderr)
            else:
                out[name] = [python, "-W", "ignore", str(source)]
    return out


def one_core():
    """All tools get one core: what several would bring depends on the machine."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def measured(command):
    """Runs a command, and returns its report, its seconds of processor time, and its largest memory in MB."""
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", JAX_PLATFORMS="cpu", TF_ENABLE_ONEDNN_OPTS="0", GOMAXPROCS="1")
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=env, preexec_fn=one_core)
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode()[-3000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return json.loads(text.splitlines()[-1]), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6


def accuracy(theta, folder):
    rows = np.loadtxt(os.path.join(folder, "test.csv"), delimiter=",")
    x, y = rows[:, :-1], rows[:, -1]
    w1, b1, w2, b2 = np.split(np.asarray(theta), [2048, 2080, 2400])
    scores = np.tanh(x @ w1.reshape(64, 32) + b1) @ w2.reshape(32, 10) + b2
    return float((scores.argmax(1) == y).mean())


def lines(source):
    """Counts the lines of code between BEGIN and END, without blank ones and comments."""
    inside = source.read_text(encoding="utf8").split("BEGIN\n")[1].split(" END\n")[0].splitlines()
    return sum(1 for line in inside if line.strip() and not line.strip().startswith(("#", "//")))


def machine():
    try:
        with open("/proc/cpuinfo", encoding="utf8") as f:
            return next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return "an unknown processor"


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    before = json.loads(RESULTS.read_text())["tools"] if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        starts = commands(folder)
        subprocess.run([starts["Descent"][0], "inputs", folder], check=True)
        taken = {name: [] for name in starts}
        reports = {name: {} for name in starts}
        for _ in range(rounds):  # in turn, so that what else the machine does hits all of them
            for name, command in starts.items():
                for optimizer in OPTIMIZERS:
                    report, seconds, memory = measured(command + [folder, optimizer])
                    reports[name][optimizer] = report
                    if optimizer == "sgd":
                        taken[name].append((report["epochs"][-1], seconds, memory))
        tools = {}
        for name, language, source, _ in TOOLS:
            if name not in starts:
                if name in before:
                    tools[name] = before[name]
                continue
            training, whole, memory = (statistics.median(column) for column in zip(*taken[name]))
            tools[name] = {
                "version": reports[name]["sgd"]["version"], "language": language, "lines": lines(source),
                "training_seconds": round(training, 3), "whole_seconds": round(whole, 2), "memory_mb": round(memory),
            }
            for optimizer, report in reports[name].items():
                tools[name][optimizer] = {
                    "losses": report["losses"], "theta": report["theta"][::EVERY], "accuracy": accuracy(report["theta"], folder),
                }
            print(f"{name:13} {tools[name]['version']:32} {training:7.3f} s training, {whole:6.2f} s in all, {memory:5.0f} MB")
    RESULTS.write_text(json.dumps({"machine": "one core of " + machine(), "every": EVERY, "rounds": rounds, "tools": tools}, indent=1) + "\n")


main()
