"""Says in what a notebook's fresh outputs differ from the committed ones.

Text must agree to the letter; pictures must be where they were, since their bytes may differ in
the last bit between kinds of CPU. Streams and display data travel apart, so each is compared in
its own order. A cell tagged nbval-ignore-output (it prints times, say) needs only the same kinds.
"""
import difflib
import re

from execute import ANSI, where

TEXTS = ("text/plain", "text/markdown", "text/html", "text/latex")
DATA_URI = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")


def stdout(cell):
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


def displays(cell):
    return [o.data for o in cell.outputs if o.output_type in ("display_data", "execute_result")]


def varies(cell):
    return "nbval-ignore-output" in cell.metadata.get("tags", [])


def text(cell):
    """Everything that must stay the same, as lines to be compared."""
    lines = [] if varies(cell) else stdout(cell).splitlines()
    for data in displays(cell):
        lines.append("<display " + ", ".join(sorted(data)) + ">")
        for mime in TEXTS if not varies(cell) else ():
            lines += DATA_URI.sub("<data>", data.get(mime, "")).splitlines()
    return lines


def compare(path, committed, fresh):
    """Yields one readable message for each cell that is stale."""
    for old, new in zip(committed.cells, fresh.cells):
        if old.cell_type != "code" or text(old) == text(new):
            continue
        diff = difflib.unified_diff(text(old), text(new), "committed", "now", lineterm="", n=2)
        yield (f"{path}: {where(committed, old)} is stale: its output is not the committed one "
               "(look at the difference, then run 'make notebooks')\n" + "\n".join("    " + line for line in diff))


def keep(committed, fresh):
    """Puts the committed outputs back where nothing has really changed, so that a second run of
    `make notebooks` gives no difference: only the order of streams and pictures, or a time."""
    old_cells = {c.get("id"): c for c in committed.cells}
    for new in fresh.cells:
        old = old_cells.get(new.get("id"))
        if new.cell_type == "code" and old is not None and old.get("outputs") and same(old, new):
            new.outputs = old.outputs


def same(old, new):
    """Is nothing different but the order of streams and pictures? In a cell that varies, also numbers."""
    def said(cell):
        shown = [(o.data, o.metadata) for o in cell.outputs if "data" in o]
        whole = str((stdout(cell), shown, [o for o in cell.outputs if o.output_type == "error"]))
        return re.sub(r"\d[\w.]*", "#", whole) if varies(cell) else whole
    return said(old) == said(new)
