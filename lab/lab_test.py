"""Tests of the lab itself: a check that cannot fail checks nothing."""
import asyncio
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest
import unittest.mock

import nbformat
from nbclient import NotebookClient
from nbformat import v4

import exercises
import notebooks
from check import anchors, check, folding
from compare import keep
from execute import Failed, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
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

    def test_a_picture_that_is_gone_is_stale(self):
        [problem] = notebooks.test(self.write(code(self.HELLO, stdout("hello\n"), picture(alt="A line"))))
        self.assertIn("-<display image/png, text/plain>", problem)

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
        cells = [code('import "github.com/descent-go/descent/check"'),
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
        go = ROOT / ".lab" / "kernel" / "go"
        for name, arguments, proxy, said in [
            ("off", ["get"], "off", ""),
            ("off, in a test", ["get", "-t"], "off", ""),
            ("off, by name", ["get", "example.org/nothing"], "off", "go.mod file not found"),
            ("allowed", ["get"], "direct", "go.mod file not found"),
            ("anything else", ["env", "GOPROXY"], "off", "off"),
        ]:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([go, *arguments], cwd=folder, env={**os.environ, "GOPROXY": proxy},
                                      capture_output=True, text=True)
                self.assertIn(said, done.stdout + done.stderr)
                self.assertEqual(done.returncode, int("not found" in said))


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
        (self.root / "exercises" / "ch99").mkdir(parents=True)
        self.source = self.root / "exercises" / "ch99" / "double.go"
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
        with unittest.mock.patch.object(exercises, "ROOT", self.root), \
                unittest.mock.patch.object(exercises.exercises, "__defaults__", (self.root,)):
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
        self.assertIn("no exercises/ch99/double.go", problems()[0])


class Sentences(unittest.TestCase):
    """What can go wrong on a learner's machine is said in one sentence, and leaves nothing behind."""

    TOOLS = "sh dirname sed sort head tr grep cat uname mkdir rm id cksum chmod mkfifo env tail cp mv"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.checkout = pathlib.Path(folder.name, "a checkout")
        self.bin = pathlib.Path(folder.name, "bin")
        self.bin.mkdir()
        shutil.copytree(ROOT / "lab", self.checkout / "lab", ignore=shutil.ignore_patterns("node_modules"))
        shutil.copytree(ROOT / "tools", self.checkout / "tools")
        for name in ("go.mod", "go.sum"):
            shutil.copy(ROOT / name, self.checkout)
        for tool in self.TOOLS.split():
            (self.bin / tool).symlink_to(shutil.which(tool))

    def fake(self, tool, script):
        (self.bin / tool).unlink(missing_ok=True)
        (self.bin / tool).write_text("#!/bin/sh\n" + script + "\n")
        (self.bin / tool).chmod(0o755)

    def says(self, *parts, script="setup.sh", args=(), path=None, **env):
        run = subprocess.run(["sh", f"lab/{script}", *args], cwd=self.checkout, capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, timeout=60,
                             env={**os.environ, "PATH": path or str(self.bin), **env})
        said = run.stderr.strip().splitlines()
        self.assertNotEqual(run.returncode, 0)
        for part in parts:
            self.assertIn(part, said[-1])
        self.assertFalse([line for line in said if "not found" in line or "Traceback" in line], said)
        for half_done in ("bin", "stamp", "venv"):
            self.assertFalse((self.checkout / ".lab" / half_done).exists(), half_done)

    def test_a_comma_in_the_path(self):
        self.checkout = self.checkout.rename(self.checkout.with_name("Go, and more"))
        self.says("path has a comma")

    def test_no_go(self):
        self.says("Go is not installed")

    def test_an_old_go(self):
        self.fake("go", 'case "$*" in "env GOVERSION") echo go1.21.3 ;; *) exit 1 ;; esac')
        self.says("Go 1.21.3 is too old", "Go 1.26 or later")

    def test_no_permission_to_install(self):
        (self.bin / "go").symlink_to(shutil.which("go"))
        self.fake("id", "echo 1000")
        self.fake("sudo", "exit 1")
        self.fake("apt-get", "exit 1")
        # No Python works with this, so none has Jupyter.
        self.says("may not install packages", "sudo apt-get install", PYTHONHOME="/nonexistent")

    def test_the_package_manager_fails(self):
        (self.bin / "go").symlink_to(shutil.which("go"))
        self.fake("id", "echo 0")
        self.fake("apt-get", "exit 1")
        self.says("apt-get could not install Jupyter", PYTHONHOME="/nonexistent")

    def test_no_package_manager(self):
        (self.bin / "go").symlink_to(shutil.which("go"))
        self.says("no package manager", PYTHONHOME="/nonexistent")

    def test_no_network(self):
        with tempfile.TemporaryDirectory() as cache:
            self.says("check the network", path=os.environ["PATH"], GOPROXY="http://127.0.0.1:9", GOFLAGS="-modcacherw",
                      GOMODCACHE=cache + "/mod", GOCACHE=cache + "/build")

    def test_no_c_compiler(self):
        self.says("needs a C compiler", script="test.sh", path=os.environ["PATH"], CC="no-such-compiler")

    def serve(self, *parts, address="127.0.0.1", port="0"):
        (self.checkout / ".lab").mkdir()
        shutil.copy(ROOT / ".lab" / "python", self.checkout / ".lab")
        self.says(*parts, script="serve.sh", args=(address, port, "token"), path=os.environ["PATH"])

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


if __name__ == "__main__":
    unittest.main()
