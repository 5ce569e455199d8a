"""The exercises of the course: starters and solutions from one source.

A code cell whose metadata say {"descent": {"exercise": "ch03.AdamStep"}} has its source in
course/exercises/ch03/adamstep.go: everything below the imports. What stands there between the lines
// BEGIN SOLUTION and // END SOLUTION is panic("TODO") in the starter. Below it, in the same cell,
stand %% and the call of check.AdamStep: a function that does not compile is never graded by an
older one that did. The Markdown cell after it has the solution folded away. docs/exercises.md
says how to add one, and how nbgrader uses the solution notebooks.
"""
import os
import pathlib
import re
import tempfile

import nbformat
from nbformat import v4

from execute import Failed, execute, write

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / ".lab" / "solutions"
HEAD = re.compile(r'\A.*?^package \w+\n(?:\s*import (?:\(.*?^\)|"[^"\n]*")\n)*\s*', re.MULTILINE | re.DOTALL)
REGION = re.compile(r"^(\s*)// BEGIN SOLUTION\n.*?^\s*// END SOLUTION$", re.MULTILINE | re.DOTALL)
MARKER = re.compile(r"^\s*// (?:BEGIN|END) SOLUTION\n", re.MULTILINE)
FOLDED = re.compile(r"(<details><summary>Solution</summary>(?:(?!</details>).)*?^```(?:golang|go)\n)(.*?)"
                    r"(^```$.*?</details>)", re.MULTILINE | re.DOTALL)


class Exercise:
    """One exercise of a notebook: its two cells, and its source."""

    def __init__(self, nb, index, root=ROOT):
        self.cell = nb.cells[index]
        self.id = self.cell.metadata["descent"]["exercise"]
        chapter, self.name = self.id.split(".")
        self.file = root / "course" / "exercises" / chapter / f"{self.name.lower()}.go"
        self.prose = next((c for c in nb.cells[index + 1:index + 2]
                           if c.cell_type == "markdown" and FOLDED.search(c.source)), None)

    def marked(self):
        """The solution with its markers, as nbgrader wants it."""
        return HEAD.sub("", self.file.read_text(encoding="utf-8"), count=1).rstrip("\n")

    def starter(self):
        """The cell as the learner finds it: the function to fill in, and its check."""
        return REGION.sub(r'\1panic("TODO")', self.marked()) + "\n\n" + self.check()

    def check(self):
        """The call of the check. The function's name is the check's with its first letters small."""
        function = re.search(r"^func (\w+)\(", self.marked(), re.MULTILINE)
        return f"%%\ncheck.{self.name}({function[1]})"

    def solution(self):
        return MARKER.sub("", self.marked())

    def problems(self):
        """What is wrong with the cells, apart from their text."""
        if not self.file.exists():
            yield f"has no source, no course/exercises/{self.file.parent.name}/{self.file.name}"
            return
        if not REGION.search(self.marked()):
            yield "has no lines // BEGIN SOLUTION and // END SOLUTION in its source"
        if self.prose is None:
            yield "is not followed by a folded <details><summary>Solution</summary> with ```golang"

    def folded(self):
        """The Markdown cell with the present solution."""
        return FOLDED.sub(lambda m: f"{m[1]}{self.solution()}\n{m[3]}", self.prose.source, count=1)


def exercises(nb, root=ROOT):
    for index, cell in enumerate(nb.cells):
        if "exercise" in cell.metadata.get("descent", {}):
            yield Exercise(nb, index, root)


def stale(nb, root=ROOT):
    """Yields (cell, problem) for exercises that are not what their source says."""
    for e in exercises(nb, root):
        broken = list(e.problems())
        yield from ((e.cell, f"{e.id} {problem}") for problem in broken)
        if not broken and (e.cell.source != e.starter() or e.prose.source != e.folded()):
            yield e.cell, f"{e.id} is not what exercises/ says: run 'make exercises'"


def fill(path):
    """Writes starters and solutions into a notebook; its other cells stay as they are."""
    nb = nbformat.read(path, as_version=4)
    broken = []
    for e in exercises(nb):
        problems = [f"{path}: {e.id} {problem}" for problem in e.problems()]
        broken += problems
        if not problems:
            e.cell.source, e.prose.source = e.starter(), e.folded()
    write(nb, path)
    return broken


def solved(path):
    """The notebook with solutions in its exercises, none folded away, and nbgrader's marks.

    nbgrader grades a locked cell, so that the check is a cell apart here. It runs all cells in a fresh
    kernel, where there is no older function.
    """
    nb = nbformat.read(path, as_version=4)
    for e in list(exercises(nb)):
        for problem in e.problems():
            raise ValueError(f"{e.id} {problem}")
        e.prose.source = FOLDED.sub("", e.prose.source, count=1).strip()
        e.cell.source = e.marked()
        mark(e.cell, f"exercise-{e.name}", solution=True, grade=False, locked=False)
        check = v4.new_code_cell(e.check(), id=f"check-{e.cell.id}"[:64])
        mark(check, f"check-{e.name}", solution=False, grade=True, locked=True, points=1)
        nb.cells.insert(nb.cells.index(e.cell) + 1, check)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


def mark(cell, grade_id, **marks):
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": grade_id, "task": False, **marks}


def solutions(path):
    SOLUTIONS.mkdir(parents=True, exist_ok=True)
    write(solved(path), str(SOLUTIONS / pathlib.Path(path).name))
    return []


def solve(path, run=execute):
    """Runs the notebook's cell with the imports, and its solved exercises."""
    nb = solved(path)
    code = [c for c in nb.cells if c.cell_type == "code"]
    wanted = [c for c in code if "nbgrader" in c.metadata]
    if not wanted:
        return []
    nb.cells = [c for c in code if c.source.startswith("import")][:1] + wanted
    with tempfile.TemporaryDirectory(dir=ROOT / ".lab") as folder:
        short = os.path.join(folder, os.path.basename(path))
        write(nb, short)
        try:
            done = run(short, DESCENT_GRADE="1")
        except Failed as failed:
            return [f"the solution of an exercise is not right: {failed}"]
    right = sum(o.get("text", "").count(": right.") for c in done.cells for o in c.get("outputs", []))
    return [] if 2 * right == len(wanted) else [f"{path}: {right} of {len(wanted) // 2} checks say right"]
