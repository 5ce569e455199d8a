"""Executes notebooks: in the real kernel through Jupyter's own client, each in its own kernel; or
without it, all cells of a notebook merged into one program by tools/lab/merge, in a tenth of the time."""
import html
import json
import os
import pathlib
import re
import subprocess
import tempfile

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ANSI = re.compile(r"\x1b\[[0-9;]*m")
TIMEOUT = 600  # seconds for one cell
ROOT = pathlib.Path(__file__).resolve().parents[2]
MERGE = ROOT / ".lab" / "merge"  # built by tools/lab/notebooks.sh


class Failed(Exception):
    """A cell that failed: where it stands, its source and what it said."""


def execute(path, **env):
    """Returns the notebook with fresh outputs; raises Failed at the first cell that fails."""
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)
    client = NotebookClient(nb, timeout=TIMEOUT, kernel_name="gonb", record_timing=False,
                            resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}})
    try:
        with tempfile.TemporaryDirectory() as folder:
            # A fresh learner: the exercises' checks write their progress there. The kernel logs on
            # its stderr; what cells say comes as messages.
            client.execute(stderr=subprocess.DEVNULL,
                           env={**os.environ, "DESCENT_PROGRESS": os.path.join(folder, "progress"), **env})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as e:
        raise Failed(f"{path}: {_culprit(nb, e)}") from None
    for number, cell in enumerate((c for c in nb.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
        cell.outputs = [tidy(o, number) for o in cell.outputs]
        cell.outputs = _coalesce(cell.outputs)
    return nb


def merged(path, **env):
    """As execute does, without the kernel, in its environment. A cell that only the kernel can run
    keeps the outputs that it has, and a line says why."""
    nb = nbformat.read(path, as_version=4)
    spec = pathlib.Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "gonb", "kernel.json")
    kernel = json.loads(spec.read_text(encoding="utf-8"))["env"]
    if "DESCENT_ARCH" in os.environ:  # of the processor that tools/lab/emulate.sh emulates, not of the kernel's
        kernel["GOARCH"] = os.environ["DESCENT_ARCH"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(MERGE), path], capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT,
                              env={**os.environ, **kernel, "DESCENT_PROGRESS": os.path.join(folder, "progress"), **env})
    if done.returncode != 0:
        raise Failed(ANSI.sub("", done.stderr).strip())
    code = [c for c in nb.cells if c.cell_type == "code"]
    for number, (cell, result) in enumerate(zip(code, json.loads(done.stdout), strict=True), 1):
        if "skipped" in result:
            print(f"kept  {path}  {where(nb, cell)} is for the kernel: {result['skipped']}", flush=True)
            continue
        cell.execution_count = number
        cell.outputs = _coalesce([tidy(nbformat.from_dict(o), number) for o in result["outputs"]])
    return nb


def tidy(output, number):
    """The output without what changes from run to run."""
    output.pop("transient", None)
    if "execution_count" in output:
        output.execution_count = number
    return output


def _coalesce(outputs):
    """Streams that follow each other become one; outputs that show nothing go."""
    kept = []
    for o in outputs:
        if o.output_type == "stream" and kept and kept[-1].output_type == "stream" and kept[-1].name == o.name:
            kept[-1].text += o.text
        elif o.output_type in ("stream", "error") or shows(o):
            kept.append(o)
    return kept


def shows(output):
    """Is it more than an updated element that is empty now, or the script with which the kernel looks for a browser?"""
    data = output.get("data", {})
    return any(data.values()) and "gonb_comm" not in data.get("text/html", "")


def where(nb, cell):
    """How a person finds the cell: its place in the notebook, as Jupyter shows it."""
    index = next(i for i, c in enumerate(nb.cells) if c is cell)
    code = sum(c.cell_type == "code" for c in nb.cells[:index + 1])
    return f"cell {index + 1} (In [{code}])"


def _culprit(nb, error):
    for cell in nb.cells:
        if cell.cell_type != "code" or "raises-exception" in cell.metadata.get("tags", []):
            continue
        for o in cell.outputs:
            if o.output_type == "error":
                return f"{where(nb, cell)} failed\n{report(cell)}"
    # Nothing was raised: the kernel died or a cell did not come to an end.
    started = [c for c in nb.cells if c.cell_type == "code" and c.execution_count is not None]
    todo = [c for c in nb.cells if c.cell_type == "code" and c.execution_count is None]
    cell = (todo or started)[0]
    return f"{where(nb, cell)}: {ANSI.sub('', str(error)).strip().splitlines()[0]}\n{report(cell)}"


def report(cell):
    """The source and everything the cell said, indented."""
    said = []
    for o in cell.outputs:
        if o.output_type == "error":
            said += [f"{o.ename}: {o.evalue}", *o.traceback]
        elif o.output_type == "stream":
            said.append(f"[{o.name}] {o.text}")
        elif "text/html" in o.get("data", {}):  # GoNB shows what the compiler says as HTML
            said.append(html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", "", o.data["text/html"], flags=re.DOTALL)))
    block = lambda text: "\n".join("    | " + line for line in ANSI.sub("", text).splitlines() if line.strip())
    return f"  source:\n{block(cell.source)}\n  error:\n{block(chr(10).join(said))}"


def write(nb, path):
    """Stores the notebook as Jupyter does, with clean metadata and no trace of this machine."""
    nb.metadata = {
        "kernelspec": {"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
        "language_info": {"file_extension": ".go", "mimetype": "text/x-go", "name": "go"},
    }
    nb.nbformat, nb.nbformat_minor = 4, max(nb.nbformat_minor, 5)
    for cell in nb.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k not in ("execution", "collapsed", "trusted")}
    part = path + ".part"
    with open(part, "w", encoding="utf-8") as f:
        f.write(nbformat.writes(nb).rstrip("\n") + "\n")
    os.replace(part, path)
