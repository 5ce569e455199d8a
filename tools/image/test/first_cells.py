"""Runs the first cell that imports anything of each notebook that is named, then twice more, each time compiled anew.

Prints name, new files in the build cache for each of those cells, and the seconds of the first and of the slowest of the
others. It runs inside the container, whose build cache is then as it came.
"""
import copy
import os
import pathlib
import subprocess
import sys
import time

import nbformat
from nbclient import NotebookClient


def files():
    return {name for _, _, names in os.walk(os.environ["GOCACHE"]) for name in names}


for path in map(pathlib.Path, sys.argv[1:]):
    nb = nbformat.read(path, as_version=4)
    cells = [c for c in nb.cells if c.cell_type == "code"]
    number = next((i for i, c in enumerate(cells) if "import" in c.source), 0)
    first, again = cells[number], [copy.deepcopy(cells[number]) for _ in range(2)]
    for i, cell in enumerate(again):
        cell.source += f"\nconst onceMore{i} = {i}"
    nb.cells = [*cells[:number + 1], *again]
    before = files()
    took = {}
    NotebookClient(nb, timeout=300, kernel_name="gonb",
                   on_cell_execute=lambda cell, cell_index: took.update({cell_index: -time.monotonic()}),
                   on_cell_executed=lambda cell, cell_index, execute_reply: took.update({cell_index: took[cell_index] + time.monotonic()}),
                   ).execute(stderr=subprocess.DEVNULL)
    print(path.stem, len(files() - before) // len(nb.cells), f"{took[number]:.2f}", f"{max(took[number + 1], took[number + 2]):.2f}")
