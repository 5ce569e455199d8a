"""Registers the GoNB kernel for one checkout: register.py CHECKOUT

The environment goes into kernel.json, because hubs and editors start kernels without ours.
"""
import json
import os
import pathlib
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
subprocess.run(["gonb", "-install", f"-go_work={root}"], check=True)


def go_env(name):
    return subprocess.run(["go", "env", name], check=True, capture_output=True, text=True).stdout.strip()


spec_file = pathlib.Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "gonb", "kernel.json")
spec = json.loads(spec_file.read_text())
spec["env"] = {name: os.environ[name] for name in ("PATH", "TMPDIR", "GOFLAGS", "GOPLSCACHE")}
spec["env"] |= {name: go_env(name) for name in ("GOCACHE", "GOMODCACHE", "CGO_ENABLED", "GOTOOLCHAIN")}
# All modules are there: cells need no network, and run faster without asking for one.
spec["env"]["GOPROXY"] = "off"
spec_file.write_text(json.dumps(spec, indent=1) + "\n")
