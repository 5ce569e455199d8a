"""Runs the first cell of each notebook that imports anything; prints name, seconds, new files in the build cache.

It runs inside the container, whose build cache is then as it came.
"""
import os
import pathlib
import subprocess
import time

import nbformat
from nbclient import NotebookClient


def files():
    return {name for _, _, names in os.walk(os.environ["GOCACHE"]) for name in names}


for path in sorted(pathlib.Path().glob("*.ipynb")):
    nb = nbformat.read(path, as_version=4)
    cells = [c for c in nb.cells if c.cell_type == "code"]
    first = next((i for i, c in enumerate(cells) if "import" in c.source), 0)
    nb.cells = cells[:first + 1]
    before, start = files(), time.monotonic()
    NotebookClient(nb, timeout=300, kernel_name="gonb").execute(stderr=subprocess.DEVNULL)
    print(path.stem, f"{time.monotonic() - start:.1f}", len(files() - before) // len(nb.cells))
