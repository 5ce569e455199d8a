"""Registers the GoNB kernel for one checkout: register.py CHECKOUT

The environment goes into kernel.json, because hubs and editors start kernels without ours.
What it says of speed was measured: docs/performance.md.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import stop  # noqa: F401

# A check of an exercise never runs an older version of a function than the learner sees.
GUARD = ["-refuse=github.com/descent-go/descent/course/check"]

root = pathlib.Path(sys.argv[1])
subprocess.run(["gonb", "-install", f"-go_work={root}"], check=True)


def go_env(name):
    return subprocess.run(["go", "env", name], check=True, capture_output=True, text=True).stdout.strip()


spec_file = pathlib.Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "gonb", "kernel.json")
spec = json.loads(spec_file.read_text())
spec["env"] = {name: os.environ[name] for name in ("TMPDIR", "GOPLSCACHE")}
spec["env"] |= {name: go_env(name) for name in ("GOCACHE", "GOMODCACHE", "GOTOOLCHAIN", "GOOS", "GOARCH")}
# All modules are there: cells need no network, and run faster without asking for one.
spec["env"]["GOPROXY"] = "off"
# Most of a cell's time is linking. The tables for debuggers and the C parts of the standard library
# are left out: what a panic shows needs neither, and GoNB's cells cannot call C. The linker would
# leave the tables out by itself, but only after reading through those of all packages. "minimal" is
# gonum/plot's tag for no formats but those that a program imports; package plots imports PNG and SVG.
spec["env"]["GOFLAGS"] = "-gcflags=all=-dwarf=false -ldflags=-s -tags=minimal " + os.environ["GOFLAGS"]
spec["env"]["CGO_ENABLED"] = "0"
# Not those of the user, who may have them off, by 'go env -w' as well: cells are in modules, and the kernel makes a
# workspace for itself.
spec["env"] |= {"GO111MODULE": "on", "GOWORK": "auto"}

spec["env"]["PATH"] = os.environ["PATH"]
# The guard in front of GoNB; docs/kernel.md says what it mends.
guard = shutil.which("guard") or sys.exit("there is no guard on the PATH: build it with 'make kernel'")
spec["argv"] = [guard, *GUARD, "--", *spec["argv"]]
spec_file.write_text(json.dumps(spec, indent=1) + "\n")
