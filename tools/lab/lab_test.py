"""Tests of the lab itself: a check that cannot fail checks nothing."""
import asyncio
import base64
import errno
import io
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from contextlib import redirect_stderr
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbformat import v4

import exercises
import notebooks
from check import anchors, check, folding
from compare import keep
from execute import MERGE, Failed, execute
from serve import status

ROOT = pathlib.Path(__file__).resolve().parents[2]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(32)).decode()


def stdout(text):
    return v4.new_output("stream", name="stdout", text=text)


def picture(plain="A line", **metadata):
    data = {"image/png": PIXEL} | ({"text/plain": plain} if plain else {})
    return v4.new_output("display_data", data=data, metadata=metadata)


def code(source, *outputs, **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=metadata)


class Notebooks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=ROOT / ".lab")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, *cells, name="fixture", kernel="gonb"):
        nb = v4.new_notebook(cells=list(cells), metadata={"kernelspec": {"name": kernel, "display_name": "Go (gonb)"}})
        nb.nbformat_minor = 5
        path = self.folder / f"{name}.ipynb"
        nbformat.write(nb, path)
        return str(path)


class Runner(Notebooks):
    """These run in the real kernel."""

    HELLO = 'import "fmt"\n%%\nfmt.Println("hello")'

    def test_an_honest_notebook_passes(self):
        path = self.write(code(self.HELLO, stdout("hello\n")))
        self.assertEqual(notebooks.test(path), [])

    def test_a_stale_output_is_shown_as_a_difference(self):
        [problem] = notebooks.test(self.write(code(self.HELLO, stdout("goodbye\n"))))
        for part in ("cell 1 (In [1]) is stale", "-goodbye", "+hello"):
            self.assertIn(part, problem)

    def test_settings_that_the_user_has_for_other_work(self):
        settings = self.folder / "goenv"
        settings.write_text("GO111MODULE=off\nGOWORK=off\nGOOS=js\nGOARCH=wasm\n")
        source = 'import ("fmt"; "github.com/descent-go/descent/lib/optim")\n%%\nfmt.Println(optim.Constant(0.5).Rate(1))'
        done = execute(self.write(code(source)), GOENV=str(settings))
        self.assertEqual(done.cells[0].outputs[0].text, "0.5\n")

    def test_a_picture_that_is_gone_is_stale(self):
        [problem] = notebooks.test(self.write(code(self.HELLO, stdout("hello\n"), picture(alt="A line"))))
        self.assertIn("-<display image/png, text/plain>", problem)

    def test_without_the_kernel_the_same_is_found(self):
        subprocess.run(["go", "build", "-o", str(MERGE), "./tools/lab/merge"], cwd=ROOT, check=True)
        kept = {"descent": {"kernel": "it asks the kernel"}}
        path = self.write(code(self.HELLO, stdout("hello\n")), code("%%\npanic(1)", stdout("1\n"), **kept))
        self.assertEqual(notebooks.test_merged(path), [])
        [problem] = notebooks.test_merged(self.write(code(self.HELLO, stdout("goodbye\n"))))
        for part in ("cell 1 (In [1]) is stale", "-goodbye", "+hello"):
            self.assertIn(part, problem)
        [problem] = notebooks.test_merged(self.write(code(self.HELLO, stdout("hello\n"), picture(alt="A line"))))
        self.assertIn("-<display image/png, text/plain>", problem)
        [problem] = notebooks.test_merged(self.write(code('%%\nprintln("oh")')))
        self.assertIn("wrote to stderr", problem)
        for source, said in [("%%\nundefined1()", "In[1]:2"), ('%%\npanic("too hot")', "In [1] failed")]:
            [problem] = notebooks.test_merged(self.write(code(source)))
            self.assertIn(said, problem)

    def test_an_error_names_the_cell_its_source_and_what_was_said(self):
        for name, source, said in [
            ("compiler", "%%\nundefined1()", "undefined: undefined1"),
            ("panic", '%%\npanic("too hot")', "too hot"),
            ("line of a panic", "%%\nvar x []int\n_ = x[3]", "Cell[1]: Line 3"),
            ("missing module", '%%\nnothing.Do()\nimport "example.org/nothing"', "Cell[1]: Line 3"),
        ]:
            with self.subTest(name):
                path = self.write(v4.new_markdown_cell("# Title"), code(source))
                [problem] = notebooks.test(path)
                for part in (path, "cell 2 (In [1]) failed", source.splitlines()[1], said):
                    self.assertIn(part, problem)

    def test_the_stop_button_ends_training_and_keeps_the_history(self):
        source = """import (
	"fmt"
	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)
%%
d := datasets.Article(1)
fmt.Println("training")
h, err := train.Fit(train.Interruptible(), model.NewLinear(2, 1), d.X, d.Y, train.Options{
	Loss: loss.MSE{}, Schedule: optim.Constant(0.1), BatchSize: 1, Epochs: 1 << 30,
})
fmt.Println(h.Status, len(h.Records) > 1, err)
"""
        nb = v4.new_notebook(cells=[code(source)], metadata={"kernelspec": {"name": "gonb", "display_name": "Go"}})
        client = NotebookClient(nb, timeout=120, kernel_name="gonb", record_timing=False)

        async def stop(cell, cell_index):
            while not any("training" in o.get("text", "") for o in cell.outputs):
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)
            await client.km.interrupt_kernel()

        async def run():
            async with client.async_setup_kernel(stderr=subprocess.DEVNULL):
                stopping = asyncio.ensure_future(stop(nb.cells[0], 0))
                await client.async_execute_cell(nb.cells[0], 0)
                await stopping

        asyncio.run(run())
        text = "".join(o.get("text", "") for o in nb.cells[0].outputs)
        self.assertEqual(text, "training\ninterrupted true <nil>\n")

    def test_an_exercise_is_graded_only_when_asked(self):
        cells = [code('import "github.com/descent-go/descent/course/check"'),
                 code('func mean(v []float64) float64 { panic("TODO") }'), code("%%\ncheck.Mean(mean)")]
        path = self.write(*cells)
        learner = execute(path)
        self.assertIn("Mean: not yet done.", learner.cells[2].outputs[0].text)
        with self.assertRaises(Failed) as failed:
            execute(path, DESCENT_GRADE="1")
        self.assertIn("Mean: not yet done.", str(failed.exception))

    def test_a_slider_that_nobody_can_move_leaves_its_chart(self):
        path = self.write(code("""import "github.com/descent-go/descent/plots"
import "github.com/descent-go/descent/plots/widget"
%%
widget.Slider("slope", -1, 1, 0.5, func(v float64) *plots.Chart {
	return plots.Lines("A line", "x", "y", plots.Series{Y: []float64{0, v}})
}, "A straight line.")"""))
        shown = execute(path).cells[0].outputs
        self.assertEqual([o.output_type for o in shown], ["display_data", "stream"])
        self.assertIn("image/png", shown[0].data)
        self.assertIn("No browser answers", shown[1].text)

    def test_writing_to_stderr_fails(self):
        [problem] = notebooks.test(self.write(code('import "os"\n%%\nos.Stderr.WriteString("careful\\n")')))
        self.assertIn("wrote to stderr", problem)
        self.assertIn("careful", problem)

    def test_storing_twice_changes_nothing(self):
        source = 'import ("fmt"; "time")\n%%\nfmt.Println("took", time.Now().UnixNano())'
        path = self.write(code(source, tags=["nbval-ignore-output"]), code(self.HELLO))
        self.assertEqual(notebooks.store(path), [])
        once = pathlib.Path(path).read_text()
        self.assertIn("hello", once)
        self.assertEqual(notebooks.store(path), [])
        self.assertEqual(pathlib.Path(path).read_text(), once)
        self.assertEqual(notebooks.test(path), [])


class Kernel(unittest.TestCase):
    def test_its_go_asks_for_modules_only_where_there_is_a_network(self):
        real = os.path.dirname(shutil.which("go"))
        for name, arguments, proxy, gonb, said in [
            ("off", ["get"], "off", True, ""),
            ("off, in a test", ["get", "-t"], "off", True, ""),
            ("off, for others than GoNB", ["get", "example.org/nothing"], "off", False, "go.mod file not found"),
            ("allowed", ["get"], "direct", True, "go.mod file not found"),
            ("anything else", ["env", "GOPROXY"], "off", True, "off"),
        ]:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                go = pathlib.Path(folder, "go")
                go.symlink_to(ROOT / ".lab" / "bin" / "standin")
                env = {**os.environ, "GOPROXY": proxy, "GUARD_TOOLS": real, "GUARD_GONB": str(os.getpid()) if gonb else ""}
                done = subprocess.run([go, *arguments], cwd=folder, env=env, capture_output=True, text=True)
                self.assertIn(said, done.stdout + done.stderr)
                self.assertEqual(done.returncode, int("not found" in said), done.stderr)
                if not said:
                    self.assertEqual(done.stdout + done.stderr, "")


class Keep(unittest.TestCase):
    def test_what_really_changed_is_not_kept(self):
        for name, old, new, kept in [
            ("order only", [stdout("a"), picture(alt="x")], [picture(alt="x"), stdout("a")], True),
            ("text", [stdout("a")], [stdout("b")], False),
            ("words of a picture", [picture("one")], [picture("two")], False),
            ("alt of a picture", [picture(alt="one")], [picture(alt="two")], False),
        ]:
            with self.subTest(name):
                committed, fresh = (v4.new_notebook(cells=[code("x", *o)]) for o in (old, new))
                committed.cells[0].id = fresh.cells[0].id
                keep(committed, fresh)
                self.assertEqual(fresh.cells[0].outputs == old, kept)


def folded(source, metadata):
    cell = code(source)
    cell.metadata.update(metadata)
    return cell


class Check(Notebooks):
    def test_what_is_folded_both_ways_is_right_unless_it_is_an_exercise(self):
        both = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
        self.assertEqual(list(check(self.write(folded("x", both)), ROOT)), [])
        [problem] = folding(folded("x", {**both, "descent": {"exercise": "ch99.Double"}}))
        self.assertIn("must not be folded", problem)

    def test_each_fault_is_found(self):
        prose = v4.new_markdown_cell
        for name, cell, said in [
            ("error", code("x", v4.new_output("error", ename="ERROR", evalue="boom", traceback=[])), "boom"),
            ("stderr", code("x", v4.new_output("stream", name="stderr", text="careful")), "careful"),
            ("never executed", v4.new_code_cell("x"), "never been executed"),
            ("no alt", code("x", picture()), "'alt' in its metadata"),
            ("no text/plain", code("x", picture(plain="", alt="A line")), "text/plain"),
            ("a figure's name for text", code("x", picture(plain="<Figure 1>", alt="A line")), "text/plain"),
            ("machine's path", code("x", stdout("saved to /var/lib/model.json")), "/var/lib/model.json"),
            ("home", prose("See `" + os.path.expanduser("~") + "`"), "a machine's path"),
            ("dead link", prose("[next](missing.ipynb)"), "no such file"),
            ("dead anchor", prose("# Here\n[there](#There)"), "no such heading"),
            ("dead anchor elsewhere", prose("[there](fixture.ipynb#There)"), "no such heading"),
            ("image without alt", prose("![](https://example.org/x.png)"), "no text alternative"),
            ("folded for JupyterLab only", folded("x", {"jupyter": {"source_hidden": True}}), "folded only half"),
            ("folded for others only", folded("x", {"tags": ["hide-input"]}), "folded only half"),
            ("too large", code("x", stdout("x" * 1_000_001)), "must stay under"),
        ]:
            with self.subTest(name):
                problems = list(check(self.write(cell), ROOT))
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(said, problems[0])

    def test_the_kernel_is_named(self):
        [problem] = check(self.write(kernel="python3"), ROOT)
        self.assertIn("gonb", problem)

    def test_a_good_notebook_passes(self):
        text = "# 2.1 Loss & risk\n[up](#2.1-Loss-&-risk) [self](fixture.ipynb#2.1-Loss-&-risk) [web](https://go.dev)\n" \
               "```text\n[not a link](nowhere)\n```"
        path = self.write(v4.new_markdown_cell(text), code("x", picture(alt="A line"), stdout("1/2 and a/b\n")))
        self.assertEqual(list(check(path, ROOT)), [])
        self.assertEqual(anchors(pathlib.Path(path)), {"2.1-Loss-&-risk"})


class Claims(Notebooks):
    def test_what_is_printed_afresh_is_held_to_the_claims(self):
        seconds = code("x", stdout("took 3 s\n"))
        seconds.metadata["tags"] = ["nbval-ignore-output"]
        text = v4.new_markdown_cell("**What you should see.** It is quick.")
        path = self.write(seconds, text)
        fresh = nbformat.read(path, as_version=4)
        see, cell = (next(c.id for c in fresh.cells if c.cell_type == kind) for kind in ("markdown", "code"))
        old, notebooks.CLAIMS = notebooks.CLAIMS, self.folder / "claims"
        self.addCleanup(setattr, notebooks, "CLAIMS", old)
        notebooks.CLAIMS.mkdir()
        for bound, said in ((5, []), (2, ["took < 2 is false"])):
            claim = {"see": see, "quote": "It is quick", "cell": cell, "let": {"took": r"took (\d+)"}, "assert": [f"took < {bound}"]}
            (notebooks.CLAIMS / (pathlib.Path(path).stem + ".json")).write_text(json.dumps([claim]))
            problems = notebooks.unkept(path, fresh)
            self.assertEqual(len(problems), len(said), problems)
            for problem, words in zip(problems, said):
                self.assertIn(words, problem)


class Exercises(unittest.TestCase):
    SOURCE = """package ch99

import (
	"math"
)

// double returns 2x.
func double(x float64) float64 {
	y := 0.0
	// BEGIN SOLUTION
	y = math.FMA(2, x, 0)
	// END SOLUTION
	return y
}
"""
    FOLDED = "<details><summary>Solution</summary>\n\n```golang\n```\n\nWhy.\n\n</details>\n\n**2.**"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "course" / "exercises" / "ch99").mkdir(parents=True)
        self.source = self.root / "course" / "exercises" / "ch99" / "double.go"
        self.source.write_text(self.SOURCE)
        self.nb = v4.new_notebook(cells=[
            v4.new_code_cell("", metadata={"descent": {"exercise": "ch99.Double"}}),
            v4.new_markdown_cell(self.FOLDED),
        ])

    def test_starter_solution_and_marked(self):
        [e] = exercises.exercises(self.nb, self.root)
        line = "\ty = math.FMA(2, x, 0)\n"
        whole = self.SOURCE.split(")\n\n", 1)[1].rstrip()
        self.assertEqual(e.marked(), whole)
        self.assertEqual(e.solution(), whole.replace("\t// BEGIN SOLUTION\n", "").replace("\t// END SOLUTION\n", ""))
        self.assertEqual(e.starter(), whole.replace("\t// BEGIN SOLUTION\n" + line + "\t// END SOLUTION",
                                                    '\tpanic("TODO")') + "\n\n%%\ncheck.Double(double)")
        self.assertEqual(e.folded(), self.FOLDED.replace("golang\n", f"golang\n{e.solution()}\n"))
        e.prose.source = e.folded()
        self.assertEqual(e.folded(), e.prose.source)

    def test_the_check_is_a_cell_apart_for_nbgrader(self):
        path = self.root / "ch99.ipynb"
        nbformat.write(self.nb, path)
        with mock.patch.object(exercises, "ROOT", self.root), \
                mock.patch.object(exercises.exercises, "__defaults__", (self.root,)):
            nb = exercises.solved(path)
        marks = [(c.source.splitlines()[0], c.metadata["nbgrader"]["grade_id"], c.metadata["nbgrader"]["grade"])
                 for c in nb.cells if c.cell_type == "code"]
        self.assertEqual(marks, [("// double returns 2x.", "exercise-Double", False), ("%%", "check-Double", True)])

    def test_what_is_not_up_to_date_is_found(self):
        def problems():
            return [problem for _, problem in exercises.stale(self.nb, self.root)]

        [problem] = problems()
        self.assertIn("run 'make exercises'", problem)
        [e] = exercises.exercises(self.nb, self.root)
        e.cell.source, e.prose.source = e.starter(), e.folded()
        self.assertEqual(problems(), [])
        self.source.write_text(self.SOURCE.replace("FMA(2", "FMA(3"))
        self.assertEqual(len(problems()), 1)
        e.prose.source = "no solution"
        self.assertIn("not followed by a folded", problems()[0])
        self.source.unlink()
        self.assertIn("no course/exercises/ch99/double.go", problems()[0])


STUB_GO = """
case "$1 ${2:-}" in
"env GOVERSION") echo go1.26.0 ;;
"env GOHOSTOS") echo linux ;;
"env GOHOSTARCH") echo amd64 ;;
"env GOROOT") echo /nonexistent ;;
"env "*) shift; for name; do eval "echo \\"\\${$name:-}\\""; done ;;
"list -deps") printf '%s\\n' one two three ;;
"build -v")
	mkdir "$BUSY" || echo "two at once" >&2
	sleep "${SLOW:-0}"
	echo one
	echo two
	rmdir "$BUSY"
	case $* in *bin.new*)
		printf '%s\\n' '#!/bin/sh' 'mkdir -p "$JUPYTER_DATA_DIR/kernels/gonb"' \\
			"echo '{\\"argv\\": [\\"gonb\\"], \\"env\\": {}}' >\\"\\$JUPYTER_DATA_DIR/kernels/gonb/kernel.json\\"" >"$4/gonb"
		echo >"$4/guard"
		chmod +x "$4/gonb" "$4/guard" ;;
	esac ;;
esac
"""
# A Python that has Jupyter, and keeps how it was called; and one that has not, but can make environments.
STUB_PYTHON = """
echo "$@" >>"$CALLS"
case "$1 ${2:-}" in
-c*) exit 0 ;;
"-m pip") echo "Collecting jupyterlab" ;;
*) unset PYTHONHOME; exec REAL "$@" ;;
esac
"""
STUB_BARE = """
case "$1 ${2:-}" in
-c*) exit 1 ;;
"-m venv") mkdir -p "$3/bin" && cp "$STUBS/jupyter-python" "$3/bin/python" ;;
*) unset PYTHONHOME; exec REAL "$@" ;;
esac
"""
NO_ENSUREPIP = """echo "The virtual environment was not created successfully because ensurepip is not available."
echo "Failing command: $3/bin/python3"
exit 1"""


class Lab(unittest.TestCase):
    """A copy of the lab in a folder with a space, and a PATH that has only what a test puts there."""

    TOOLS = "sh dirname sed sort head tr grep cat uname mkdir rm id cksum chmod mkfifo env tail cp mv ln readlink rmdir sleep wc find xargs"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.checkout = self.folder / "a checkout"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        shutil.copytree(ROOT / "tools" / "lab", self.checkout / "tools" / "lab", ignore=shutil.ignore_patterns("node_modules"))
        for module in ("tools/kernel", "tools/gopls", "tools/check", "examples/gomlx", "internal/cell", "internal/explain"):
            shutil.copytree(ROOT / module, self.checkout / module)
        for name in ("go.mod", "go.sum", "Makefile"):
            shutil.copy(ROOT / name, self.checkout)
        for tool in self.TOOLS.split():
            self.tool(tool)
        self.lab = self.checkout / ".lab"

    def tool(self, name):
        (self.bin / name).symlink_to(shutil.which(name))

    def fake(self, tool, script):
        path = self.bin / tool
        path.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script.replace("REAL", shlex.quote(sys.executable)) + "\n")
        path.chmod(0o755)

    def start(self, script="setup.sh", args=(), path=None, **env):
        env = {**os.environ, "PATH": path or str(self.bin), "BUSY": str(self.folder / "busy"), "STUBS": str(self.folder / "stubs"),
               "CALLS": str(self.folder / "calls"), **env}
        for name in ("PYTHON", "TMPDIR", "GOFLAGS") if path is None else ("PYTHON",):
            if name not in env or env[name] == os.environ.get(name):
                env.pop(name, None)
        return subprocess.Popen([shutil.which("sh", path=env["PATH"]), f"tools/lab/{script}", *args], cwd=self.checkout, env=env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)

    def run_lab(self, *args, **env):
        process = self.start(*args, **env)
        process.said = "".join(process.communicate(timeout=60))
        return process

    def says(self, *parts, without=(), **env):
        run = self.run_lab(**env)
        said = run.said.strip().splitlines()
        self.assertNotEqual(run.returncode, 0)
        for part in parts:
            self.assertIn(part, said[-1])
        for part in without:
            self.assertNotIn(part, run.said)
        self.assertFalse([line for line in said if "not found" in line or "Traceback" in line], said)
        for half_done in ("bin", "stamp", "venv", "lock"):
            self.assertFalse(os.path.lexists(self.lab / half_done), half_done)
        return run.said

    def stubs(self):
        """A Go that builds nothing, and a Python that has no Jupyter but can make an environment."""
        self.fake("go", STUB_GO)
        self.fake("python3", STUB_BARE)
        self.fake("../stubs/jupyter-python", STUB_PYTHON)

    def ready(self, **env):
        # No real Python works with this, so none has Jupyter.
        run = self.run_lab(PYTHONHOME="/nonexistent", **env)
        self.assertEqual(run.returncode, 0, run.said)
        self.assertTrue((self.lab / "stamp").exists())
        self.assertFalse(os.path.lexists(self.lab / "lock"))
        for fault in ("not found", "No such file", "xargs:"):
            self.assertNotIn(fault, run.said)
        return run.said


class SetUp(Lab):
    """A first set-up, with stubs in place of Go and of Python."""

    def setUp(self):
        super().setUp()
        self.stubs()

    def test_with_a_virtual_environment(self):
        said = self.ready()
        self.assertEqual((self.lab / "python").read_text().strip(), f"{self.lab}/venv/bin/python")
        self.assertIn("step 1 of 4, Jupyter's packages: 1 of at most ", said)
        self.assertIn("step 3 of 4, the packages of the kernel's tools: 2 of at most 3", said)
        [pip] = [line for line in (self.folder / "calls").read_text().splitlines() if line.startswith("-m pip")]
        self.assertIn("--require-hashes", pip)
        self.assertIn("--only-binary :all:", pip)

    def test_with_brew_on_a_mac(self):
        self.fake("uname", "echo Darwin")
        self.fake("id", "echo 501")
        self.fake("python3", "exit 1")
        cellar = self.folder / "Cellar" / "jupyterlab" / "bin"
        self.fake("brew", f"""[ "$*" = "install jupyterlab" ] || exit 1
mkdir -p {cellar} && cp "$STUBS/jupyter-python" {cellar}/python3.13
printf '#!%s\\n' {cellar}/python3.13 >{self.bin}/jupyter && chmod +x {self.bin}/jupyter""")
        said = self.ready(HOME=str(self.folder / "My Home"))
        self.assertEqual((self.lab / "python").read_text().strip(), f"{cellar}/python3.13")
        self.assertIn("installing Jupyter with brew", said)

    def test_the_folder_is_the_users_own(self):
        self.lab.mkdir(mode=0o755)
        self.ready()
        self.assertEqual(self.lab.stat().st_mode & 0o777, 0o700)

    def test_a_path_with_quotes(self):
        self.checkout = self.checkout.rename(self.folder / "o'Brien's \"$HOME\" & Söhne")
        self.lab = self.checkout / ".lab"
        self.ready()
        spec = json.loads((self.lab / "jupyter" / "data" / "kernels" / "gonb" / "kernel.json").read_text())
        self.assertEqual(spec["argv"][0], str(self.lab / "bin" / "guard"))
        self.assertEqual(spec["env"]["PATH"].split(":")[0], str(self.lab / "bin"))

    def test_a_changed_kernel_is_built_again(self):
        for name in ("tools/kernel/guard/main.go", "internal/cell/new.go", "internal/explain/new.go"):
            self.ready()
            self.assertNotIn("building", self.ready())
            with open(self.checkout / name, "a") as f:
                f.write("// changed\n")
            self.assertIn("building", self.ready(), name)

    def test_the_kernels_go_has_modules_and_a_workspace(self):
        self.ready(GO111MODULE="off", GOWORK="off", GOOS="js", GOARCH="wasm")
        env = json.loads((self.lab / "jupyter" / "data" / "kernels" / "gonb" / "kernel.json").read_text())["env"]
        for name, value in {"GO111MODULE": "on", "GOWORK": "auto", "GOOS": "linux", "GOARCH": "amd64"}.items():
            self.assertEqual(env[name], value, name)

    def test_python_by_name_wins_over_the_environment(self):
        self.ready()
        shutil.copy(self.folder / "stubs" / "jupyter-python", self.bin / "mine")
        self.ready(PYTHON="mine")
        self.assertEqual((self.lab / "python").read_text().strip(), str(self.bin / "mine"))
        for python, said in [("/nope", "PYTHON=/nope is not a program"), ("python3", "PYTHON=python3 cannot import Jupyter")]:
            with self.subTest(python):
                run = self.run_lab(PYTHON=python, PYTHONHOME="/nonexistent")
                self.assertNotEqual(run.returncode, 0)
                self.assertIn(said, run.said.splitlines()[-1])

    def test_two_at_once(self):
        both = [self.start(PYTHONHOME="/nonexistent", SLOW="0.3") for _ in range(2)]
        said = ["".join(process.communicate(timeout=60)) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertNotIn("two at once", "".join(said) + (self.lab / "build.log").read_text())
        self.assertIn("another set-up of this checkout is at work", "".join(said))

    def test_the_lock_of_one_that_was_killed(self):
        self.lab.mkdir()
        gone = subprocess.Popen(["true"])
        gone.wait()
        (self.lab / "lock").symlink_to(str(gone.pid))
        self.assertNotIn("another set-up", self.ready())

    def test_ctrl_c_installs_nothing_else(self):
        self.fake("python3", STUB_BARE.replace('"-m venv")', '"-m venv") : >"$BUSY"; sleep 30;'))
        self.fake("apt-get", 'echo "$@" >>"$CALLS"')
        process = self.start(PYTHONHOME="/nonexistent")
        self.interrupt(process, self.folder / "busy")
        self.assertNotIn("Traceback", process.said)
        for left in (self.folder / "calls", self.lab / "lock", self.lab / "venv"):
            self.assertFalse(os.path.lexists(left), left)

    def interrupt(self, process, begun):
        while not begun.exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        process.said = "".join(process.communicate(timeout=60))
        self.assertNotEqual(process.returncode, 0)

    def test_ctrl_c_in_the_helpers(self):
        self.ready()
        (self.folder / "busy").unlink(missing_ok=True)
        slow = ': >"$BUSY"; sleep 30'
        for name, tool in [("warm.py", "go"), ("register.py", "gonb")]:
            with self.subTest(name):
                (self.folder / "busy").unlink(missing_ok=True)
                self.fake(tool, slow)
                process = subprocess.Popen(
                    [sys.executable, self.checkout / "tools" / "lab" / name, self.checkout], text=True, stderr=subprocess.PIPE, start_new_session=True,
                    stdout=subprocess.PIPE, env={"PATH": str(self.bin), "BUSY": str(self.folder / "busy"), "GOFLAGS": "",
                                                 "JUPYTER_DATA_DIR": str(self.lab / "jupyter" / "data")})
                self.interrupt(process, self.folder / "busy")
                self.assertEqual(process.said, "lab: stopped\n")


@unittest.skipUnless(shutil.which("busybox"), "no busybox: it is what shows that the scripts need nothing of GNU's tools")
class SetUpWithSmallTools(SetUp):
    """The same with busybox's shell and tools, which have few of GNU's extensions; Debian's lacks one of POSIX's, cksum."""

    def tool(self, name):
        (self.bin / name).symlink_to(shutil.which("busybox" if name != "cksum" else name))


class Sentences(Lab):
    """What can go wrong on a learner's machine is said in one sentence, and leaves nothing behind."""

    def go(self):
        (self.bin / "go").symlink_to(shutil.which("go"))

    def move(self, name):
        self.checkout = self.checkout.rename(self.checkout.with_name(name))
        self.lab = self.checkout / ".lab"

    def test_a_comma_in_the_path(self):
        self.move("Go, and more")
        self.says("path has a comma or a colon")

    def test_a_colon_in_the_path(self):
        self.move("Go: a course")
        self.stubs()
        self.says("path has a comma or a colon", PYTHONHOME="/nonexistent")

    def test_a_read_only_checkout(self):
        self.go()
        self.fake("mkdir", 'echo "mkdir: cannot create directory: Read-only file system" >&2; exit 1')
        self.says("nothing can be written to", "Read-only file system", "copy the checkout", without=["mkdir: "])

    def test_a_file_system_that_runs_no_programs(self):
        self.stubs()
        self.fake("chmod", 'case $1 in +x) ;; *) exec ' + shutil.which("chmod") + ' "$@" ;; esac')
        self.says("no program can be started in", "noexec", PYTHONHOME="/nonexistent")

    def test_no_room_for_a_lock(self):
        self.stubs()
        self.fake("ln", "exit 1")
        self.says("no link can be made in", "make room")

    def test_no_go(self):
        self.says("Go is not installed")

    def test_an_old_go(self):
        self.fake("go", 'case "$*" in "env GOVERSION") echo go1.21.3 ;; *) exit 1 ;; esac')
        self.says("Go 1.21.3 is too old", "Go 1.26 or later")

    def test_a_go_that_answers_nothing(self):
        self.fake("go", "exit 0")
        self.says(f"'{self.bin}/go env GOVERSION' answers nothing", "install Go 1.26")

    def test_settings_that_go_refuses(self):
        self.go()
        for name, value, said in [("GOFLAGS", "-nope", "unknown flag -nope"), ("GOTOOLCHAIN", "nonsense", 'invalid GOTOOLCHAIN "nonsense"')]:
            with self.subTest(name):
                self.says("Go does not work with its settings here", said, without=["network"], **{name: value})

    def test_no_permission_to_install(self):
        self.go()
        self.fake("id", "echo 1000")
        self.fake("sudo", "exit 1")
        self.fake("apt-get", "exit 1")
        # No Python works with this, so none has Jupyter.
        self.says("may not install packages", "sudo apt-get install", PYTHONHOME="/nonexistent")

    def test_the_package_manager_fails(self):
        self.go()
        self.fake("id", "echo 0")
        self.fake("apt-get", "echo 'E: dpkg was interrupted' >&2; exit 100")
        self.says("apt-get could not install Jupyter: E: dpkg was interrupted", without=["network"], PYTHONHOME="/nonexistent")

    def test_no_package_manager(self):
        self.go()
        self.says("no package manager", PYTHONHOME="/nonexistent")

    def test_no_ensurepip(self):
        self.stubs()
        self.fake("python3", STUB_BARE.replace('mkdir -p "$3/bin" && cp "$STUBS/jupyter-python" "$3/bin/python"', NO_ENSUREPIP))
        said = self.says("no package manager", PYTHONHOME="/nonexistent")
        self.assertIn("this Python has no ensurepip", said)
        self.assertIn(".lab/venv.log", said)

    def test_pip_fails(self):
        self.stubs()
        self.fake("../stubs/jupyter-python", 'case $2 in pip) echo "ERROR: No space left on device"; exit 1 ;; esac')
        self.assertIn("no virtual environment: ERROR: No space left on device", self.says("no package manager", PYTHONHOME="/nonexistent"))

    def test_the_build_fails(self):
        self.stubs()
        for said, network in [("mkdir /x: no space left on device", False), ("./a.go:3:1: undefined: b", False),
                              ('Get "https://proxy.example.org": dial tcp: lookup proxy.example.org: no such host', True)]:
            with self.subTest(said):
                self.fake("go", STUB_GO.replace('"build -v")', f'"build -v") echo {shlex.quote(said)} >&2; exit 1 ;;\n-x)'))
                shutil.rmtree(self.lab, ignore_errors=True)
                (self.lab / "x").mkdir(parents=True)
                run = self.run_lab(PYTHONHOME="/nonexistent")
                self.assertNotEqual(run.returncode, 0)
                last = run.said.splitlines()[-1]
                self.assertIn(said, last)
                self.assertEqual("network" in last, network, last)

    def test_no_network(self):
        with tempfile.TemporaryDirectory() as cache:
            self.says("check the network", path=os.environ["PATH"], PYTHON=sys.executable, GOPROXY="http://127.0.0.1:9", GOFLAGS="-modcacherw",
                      GOMODCACHE=cache + "/mod", GOCACHE=cache + "/build")

    def test_no_emulator(self):
        def install(sentence):
            self.says(sentence, script="install.sh", args=["qemu-none", "qemu-user"])

        install("'qemu-none' is missing, and so is apt-get")
        self.fake("apt-get", "exit 1")
        self.fake("id", "echo 1000")
        self.fake("sudo", "exit 1")
        install("qemu-user is not there and this account may not install packages")
        self.fake("id", "echo 0")
        install("apt-get could not install qemu-user")
        self.fake("apt-get", "exit 0")
        install("qemu-user was installed and has no 'qemu-none'")

    def test_no_c_compiler(self):
        self.says("needs a C compiler", script="test.sh", path=os.environ["PATH"], CC="no-such-compiler")

    def test_no_cgo(self):
        self.says("CGO_ENABLED is 0", script="test.sh", path=os.environ["PATH"], CGO_ENABLED="0", CC="sh")

    def test_a_token_on_the_command_line(self):
        for target in ("lab", "help"):
            run = subprocess.run(["make", target, "TOKEN=secret"], cwd=self.checkout, capture_output=True, text=True)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("TOKEN=... make lab", run.stderr)

    def serve(self, *parts, address="127.0.0.1", port="0"):
        self.lab.mkdir()
        shutil.copy(ROOT / ".lab" / "python", self.lab)
        self.says(*parts, script="serve.sh", args=(address, port), path=os.environ["PATH"])

    def test_a_busy_port(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            port = busy.getsockname()[1]
            self.serve(f"port {port} is busy", "make lab PORT=", port=str(port))

    def test_a_port_that_is_none(self):
        self.serve("'eighty' is not a port", port="eighty")

    def test_an_address_of_another_machine(self):
        self.serve("cannot listen on 192.0.2.1", address="192.0.2.1", port="8899")


class Surroundings(Lab):
    """What a user has for other work: variables, Go's settings, kernels."""

    def within(self, script, **env):
        run = subprocess.run(["sh", "-c", ". tools/lab/env.sh && " + script, "tools/lab/any.sh"], cwd=self.checkout, env={**os.environ, **env},
                             capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.stdout

    def test_cdpath(self):
        other = self.folder / "another"
        (other / "tools" / "lab").mkdir(parents=True)
        self.assertEqual(self.within('echo "$root"', CDPATH=str(other)), f"{self.checkout}\n")
        for script in (".ci/run", "tools/image/image.sh"):
            self.assertIn("unset CDPATH\n", (ROOT / script).read_text())
        # A script that is called by another finds its own checkout, too.
        (self.checkout / "lib" / "a").mkdir(parents=True)
        (self.checkout / "lib" / "a" / "a.go").write_text('import "sync"\n\t"sync"\n')
        env = {**os.environ, "CDPATH": str(other)}
        run = subprocess.run(["sh", "tools/lab/concurrent.sh"], cwd=self.checkout, env=env, capture_output=True, text=True)
        self.assertIn("./lib/a\n", run.stdout, run.stderr)
        self.assertNotIn(str(other), run.stdout)

    def test_go_settings_of_the_user(self):
        settings = self.folder / "goenv"
        settings.write_text("GO111MODULE=off\nGOOS=js\nGOARCH=wasm\nGOFLAGS=-mod=mod\n")
        (self.folder / "go.work").write_text("go 1.26\n")  # above the checkout
        self.assertEqual(self.within("go_env && go env GO111MODULE GOOS GOARCH GOFLAGS GOWORK", GOENV=str(settings)),
                         self.within("go_env && echo on && go env GOHOSTOS GOHOSTARCH && echo -buildvcs=false && echo off"))

    def test_a_kernel_of_the_user_with_the_same_name(self):
        data = self.lab / "jupyter" / "data"
        theirs = self.folder / "home" / ".local" / "share" / "jupyter"
        for folder, name in [(data, "gonb"), (theirs, "gonb"), (theirs, "julia")]:
            (folder / "kernels" / name).mkdir(parents=True)
            (folder / "kernels" / name / "kernel.json").write_text('{"argv": [], "display_name": "x", "language": "go"}')
        find = "from jupyter_client.kernelspec import get_kernel_spec as get; print(get('gonb').resource_dir); print(get('julia').resource_dir)"
        home = {"HOME": str(self.folder / "home"), "XDG_DATA_HOME": "", "JUPYTER_DATA_DIR": ""}
        for more in ({}, {"JUPYTER_PATH": str(theirs)}, {"JUPYTER_DATA_DIR": str(theirs)}):
            said = self.within(f'jupyter_env && {shlex.quote(sys.executable)} -c "{find}"', **home | more)
            self.assertEqual(said, f"{data}/kernels/gonb\n{theirs}/kernels/julia\n")


class Serve(Lab):
    """In a real Jupyter server."""

    TOKEN = "s3cret & more"

    def config(self, text):
        folder = self.folder / "etc"
        folder.mkdir()
        for server in ("server", "notebook"):
            (folder / f"jupyter_{server}_config.py").write_text(text)
        return str(folder)

    def serve(self, config):
        self.lab.mkdir()
        shutil.copy(ROOT / ".lab" / "python", self.lab)
        (self.lab / "jupyter.log").touch(mode=0o644)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        server = self.start("serve.sh", ("127.0.0.1", str(port)), path=os.environ["PATH"], TOKEN=self.TOKEN,
                            JUPYTER_CONFIG_PATH=self.config(config))
        kill = threading.Timer(240, server.kill)  # the first start of a new Jupyter compiles all of it
        kill.start()
        for cleanup in (server.communicate, server.terminate, kill.cancel):
            self.addCleanup(cleanup)
        return server

    def test_the_address_and_the_token_hold_whatever_the_system_says(self):
        server = self.serve("for app in (c.ServerApp, c.NotebookApp):\n    app.base_url = '/x/'\n    app.token = ''\n"
                            "c.IdentityProvider.token = ''\nc.ServerApp.certfile = '/nope'\n")
        address = server.stdout.readline()
        self.assertIn("lab: open http://127.0.0.1:", address, (self.lab / "jupyter.log").read_text())
        url = address.split()[2]
        self.assertEqual(status(url), 200)
        api = url.split("?")[0] + "api/contents"
        self.assertEqual(status(api), 403)
        # Addresses with a typing error in them go to the log.
        self.assertEqual(status(url.replace("?", "nothing?")), 404)
        self.assertEqual(status(api + "/nothing.ipynb?" + url.split("?")[1]), 404)
        if os.path.isdir("/proc/self"):
            for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.assertNotIn(b"s3cret", process.read_bytes())
                except OSError:
                    pass  # it has ended
        server.terminate()
        server.communicate(timeout=60)
        log = self.lab / "jupyter.log"
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
        self.assertIn("nothing", log.read_text())
        self.assertNotIn("s3cret", log.read_text())
        self.assertEqual([f.name for f in self.lab.iterdir() if f.name.startswith("tmp")], [])

    def test_a_full_disk(self):
        import serve
        with mock.patch.multiple(serve, own=mock.Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")), free=mock.Mock()), \
                mock.patch.dict(os.environ, JUPYTER_CONFIG_DIR=str(self.folder)), self.assertRaises(SystemExit) as stopped:
            serve.main(str(self.checkout), "127.0.0.1", "1")
        self.assertIn("(No space left on device): make room", str(stopped.exception))

    def test_a_long_wait_names_the_log(self):
        import serve
        answers = iter([0, 0, 0, 200])

        def slow(_):
            time.sleep(0.05)
            return next(answers)

        with mock.patch.multiple(serve, PATIENCE=0.04, status=slow), redirect_stderr(io.StringIO()) as said:
            serve.wait(mock.Mock(poll=lambda: None), "http://127.0.0.1:1/api")
        self.assertEqual(said.getvalue().count(".lab/jupyter.log"), 1, said.getvalue())


class Locks(unittest.TestCase):
    def test_every_package_has_a_version_and_hashes(self):
        for name, some in [("requirements.txt", {"jupyterlab", "nbclient", "nbformat", "tornado", "pyzmq"}), ("tools.txt", {"uv"})]:
            text = (ROOT / "tools" / "lab" / name).read_text().replace("\\\n", " ")
            lines = [line for line in text.splitlines() if not line.startswith("#")]
            for line in lines:
                self.assertRegex(line, r"^[\w.-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}")
            self.assertLessEqual(some, {line.split("==")[0] for line in lines})


if __name__ == "__main__":
    unittest.main()
