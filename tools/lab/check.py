"""Checks that need no kernel: what a notebook's file must be, for every reader and every machine."""
import json
import os
import pathlib
import re
import tempfile
import urllib.parse

import nbformat

import exercises
from execute import where

MAX_BYTES = 1_000_000
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)")
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
# An absolute path with two parts or more, as a program prints it.
PATH = re.compile(r"(?:^|[\s\"'=(\[])((?:/[\w.@+-]+){2,})", re.MULTILINE)


def check(path, root):
    """Yields one message for each thing that is wrong with the notebook."""
    path = pathlib.Path(path)
    size = path.stat().st_size
    if size >= MAX_BYTES:
        yield f"{path}: has {size:,} bytes, must stay under {MAX_BYTES:,}: draw fewer or smaller pictures"
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    if nb.metadata.get("kernelspec", {}).get("name") != "gonb":
        yield f"{path}: its kernelspec must be named gonb"
    ids = [c.get("id") for c in nb.cells]
    if None in ids or len(set(ids)) != len(ids):
        yield f"{path}: each cell needs an id of its own (nbformat 4.5)"
    yield from (f"{path}: {where(nb, cell)} {problem}" for cell, problem in exercises.stale(nb, root))
    for cell in nb.cells:
        at = f"{path}: {where(nb, cell)}"
        if cell.cell_type == "code":
            yield from (f"{at} {problem}" for problem in outputs(cell))
            yield from (f"{at} {problem}" for problem in folding(cell))
        yield from (f"{at} names a machine's path: {p}" for p in machine_paths(cell, root))
        if cell.cell_type == "markdown":
            yield from (f"{at} {problem}" for problem in prose(cell.source, path))


def outputs(cell):
    if cell.source.strip() and cell.execution_count is None:
        yield "has never been executed: run 'make notebooks'"
    for o in cell.outputs:
        if o.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            yield f"has an error as its output: {o.ename}: {o.evalue}"
        if o.output_type == "stream" and o.name == "stderr":
            yield f"writes to stderr, where graders count it as a failure: {o.text.strip().splitlines()[0]}"
        images = [mime for mime in o.get("data", {}) if mime.startswith("image/")]
        for mime in images:
            alt = o.metadata.get("alt") or o.metadata.get(mime, {}).get("alt")
            plain = o.data.get("text/plain", "").strip()
            if not alt:
                yield f"shows {mime} with no text alternative: 'alt' in its metadata"
            if not plain or plain.startswith("<"):
                yield f"shows {mime} with no text alternative: text/plain"


def folding(cell):
    """A folded cell says so twice: JupyterLab and the site read the one, Jupyter Book and others the other."""
    hidden = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
    tagged = "hide-input" in cell.metadata.get("tags", [])
    if hidden != tagged:
        yield "is folded only half: it needs both jupyter.source_hidden and the tag hide-input, or neither"
    if hidden and cell.metadata.get("descent", {}).get("exercise"):
        yield "is an exercise, which must not be folded"


def machine_paths(cell, root):
    """The paths of this machine in the cell, and whatever looks like one in what it printed."""
    printed = []
    for o in cell.get("outputs", []):
        printed += [o.get("text", "")] + [t for mime, t in o.get("data", {}).items() if mime.startswith("text/")]
    here = [p for p in (str(root), os.path.expanduser("~"), tempfile.gettempdir()) if len(p) > 1]
    ours = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, here)) + r")(?:/[\w.@+-]*)*(?![\w-])")
    found = ours.findall(cell.source)
    for text in printed:
        found += ours.findall(text) + PATH.findall(text)
    return sorted(set(found))


def prose(text, path):
    text = CODE.sub("", text)
    for image, label, target in LINK.findall(text):
        if image and not label.strip():
            yield f"shows {target} with no text alternative"
        if problem := dead(target, path):
            yield f"links to {target}: {problem}"
    for tag in IMG.findall(text):
        if not re.search(r"\balt\s*=\s*[\"'][^\"']+", tag):
            yield f"shows an image with no text alternative: {tag}"


def dead(target, path):
    """Why a link inside the checkout leads nowhere, or None."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE) or target.startswith("attachment:"):
        return None
    name, _, anchor = urllib.parse.unquote(target).partition("#")
    file = path.parent / name if name else path
    if not file.exists():
        return "there is no such file"
    if anchor and file.suffix in (".ipynb", ".md") and anchor not in anchors(file):
        return "there is no such heading"
    return None


def anchors(file):
    """The anchors of a document: headings as Jupyter names them (as GitHub does, in .md), and ids."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        text = "\n\n".join("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "markdown")
    found = set(re.findall(r"<\w+[^>]*\b(?:id|name)=[\"']([^\"']+)", text))
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", CODE_BLOCK.sub("", text), re.MULTILINE):
        heading = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"<[^>]+>", "", heading))
        heading = re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", heading)
        if file.suffix == ".ipynb":
            found.add(heading.replace(" ", "-"))
        else:
            found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
