"""The notebooks' runner.

    notebooks.py test [NOTEBOOK…]       executes them and the solutions of their exercises, compares
                                        with what is committed, and with what they claim, checks the files
    notebooks.py merged [NOTEBOOK…]     does the same without the kernel: all cells as one program
    notebooks.py store [NOTEBOOK…]      executes them and stores the outputs in place
    notebooks.py check [NOTEBOOK…]      checks the files only
    notebooks.py exercises [NOTEBOOK…]  puts the exercises of their sources in place
    notebooks.py solutions [NOTEBOOK…]  writes them with solutions to .lab/solutions
    notebooks.py solve [NOTEBOOK…]      executes the solutions of their exercises only

LATER="06e 08c" leaves out the notebooks of these numbers.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import nbformat
from nbformat.sign import NotebookNotary

import exercises
import stop  # noqa: F401
from check import check
from compare import compare, keep
from execute import Failed, execute, merged, write

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "notebooks" / "claims"
JOBS = min(2, os.cpu_count() or 1)  # cells train on all cores themselves


def test(path, run=execute):
    try:
        fresh = run(path)
    except Failed as e:
        return [str(e)]
    problems = list(compare(path, nbformat.read(path, as_version=4), fresh))
    for cell in fresh.cells:
        problems += stderr(path, cell)
    return problems + unkept(path, fresh) + list(check(path, ROOT)) + exercises.solve(path, run)


def test_merged(path):
    return test(path, merged)


def unkept(path, fresh):
    """The claims of notebooks/claims that what the cells print now does not bear out. Cells whose output
    is not compared, because it is new each time, are held to them as well. (That no claim is missing is
    tested in internal/course.)"""
    with tempfile.TemporaryDirectory(dir=ROOT / ".lab") as folder:
        copy = os.path.join(folder, os.path.basename(path))
        nbformat.write(fresh, copy)
        done = subprocess.run(["go", "run", "./internal/course/claims/verify", str(CLAIMS), copy], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    said = [line.replace(copy, str(path)) for line in done.stdout.splitlines()]
    if done.returncode and not said:
        return [f"{path}: its claims could not be verified"]
    return [s for s in said if not s.startswith("exit status") and "no claim holds it" not in s]


def stderr(path, cell):
    for o in cell.get("outputs", []):
        if o.output_type == "stream" and o.name == "stderr":
            yield f"{path}: a cell wrote to stderr now: {o.text.strip()}\n  source:\n{cell.source}"


def store(path):
    try:
        fresh = execute(path)
    except Failed as e:
        return [str(e)]
    keep(nbformat.read(path, as_version=4), fresh)
    write(fresh, path)
    NotebookNotary().sign(nbformat.read(path, as_version=4))
    return list(check(path, ROOT))


def only_check(path):
    return list(check(path, ROOT))


def timed(work, path):
    start = time.monotonic()
    try:
        return work(path), time.monotonic() - start
    except Exception as e:  # a file that is no notebook
        return [f"{path}: {e}"], time.monotonic() - start


def main(args):
    work = {"test": test, "merged": test_merged, "store": store, "check": only_check, "exercises": exercises.fill,
            "solutions": exercises.solutions, "solve": exercises.solve}.get(args[0] if args else "")
    if work is None:
        sys.exit(__doc__)
    paths = args[1:] or [os.path.relpath(p) for p in sorted(ROOT.glob("notebooks/*.ipynb"))]
    later = [p for p in paths if pathlib.Path(p).name.split("-")[0] in os.environ.get("LATER", "").split()]
    if later:
        print(f"later {' '.join(later)}", flush=True)
        paths = [p for p in paths if p not in later]
    bad = 0
    with concurrent.futures.ProcessPoolExecutor(JOBS) as pool:
        for path, (problems, seconds) in zip(paths, pool.map(timed, [work] * len(paths), paths)):
            bad += bool(problems)
            print(f"{'FAIL' if problems else 'ok  '}  {path}  {seconds:.1f} s", flush=True)
            for p in problems:
                print("  " + p, flush=True)
    print(f"notebooks: {len(paths)} {args[0]}, {bad} with problems" if paths else "notebooks: there are none yet")
    sys.exit(bad != 0)


if __name__ == "__main__":
    main(sys.argv[1:])
