"""Compiles what the notebooks import and the program with GoMLX that they run, in the kernel's own
environment, so that the first cell is as fast as the tenth: warm.py CHECKOUT
"""
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import progress
import stop  # noqa: F401

IMPORT = re.compile(r'^(?:import)?\s*(?:[\w.]+\s+)?"([a-z][\w./-]*)"\s*(?://.*)?$')


def imports(notebook):
    """The import paths in a notebook's code cells, of single lines and of blocks."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        block = False
        for line in "".join(cell["source"]).splitlines():
            if re.match(r"import\s*\(", line):
                block = True
            elif line.startswith(")"):
                block = False
            elif (block or line.startswith("import")) and (m := IMPORT.match(line)):
                yield m.group(1)


root = pathlib.Path(sys.argv[1])
spec = json.loads(pathlib.Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "gonb", "kernel.json").read_text())
wanted = {path for notebook in sorted(root.glob("notebooks/*.ipynb")) for path in imports(notebook)}
env = {**os.environ, **spec["env"]}


def build(folder, packages, *options, **more):
    where = {"cwd": folder, "env": env | more}

    def stale():
        """How many packages are not in the cache. Only those who wait for them are kept waiting for the number."""
        listed = subprocess.run(["go", "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", *packages], **where,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return len(listed.stdout.split())

    said = io.StringIO()
    if progress.run("step 4 of 4, what the notebooks import", r"[^\s:#]+$", stale, said, ["go", "build", "-v", *options, *packages], **where):
        # Not fatal: whoever is changing the library wants to see the cell that fails.
        print("lab: not everything that the notebooks use compiles:\n" + said.getvalue(), file=sys.stderr)


with tempfile.TemporaryDirectory() as folder:  # with the workspace that the kernel makes for itself
    subprocess.run(["go", "work", "init", root], cwd=folder, env=env, check=True)
    build(root, ["./...", *sorted(wanted)], GOWORK=f"{folder}/go.work")
build(root / "examples" / "gomlx", ["."], "-o", os.devnull, GOWORK="off")
