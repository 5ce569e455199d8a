"""What learners type, through the real kernel: kernel_cases.py CHECKOUT [TEST…]

Each test presses where GoNB alone fell over. They share a kernel where they can.
"""
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(sys.argv[1]).resolve()
TMP = ROOT / ".lab" / "tmp"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Result:
    """What a cell said: text by stream, the order of pieces, the error, the reply."""

    def __init__(self):
        self.pieces, self.error, self.reply, self.displays, self.code = [], None, None, [], None

    def text(self, name=None):
        return "".join(t for n, t in self.pieces if name in (None, n))

    @property
    def said(self):
        """All that a learner reads."""
        error = "\n".join([self.error["evalue"], *self.error["traceback"]]) if self.error else ""
        return ANSI.sub("", self.text() + error)


class Kernel:
    def __init__(self, folder=None, options=(), env=None, tools=None):
        self.manager = KernelManager(kernel_name="gonb")
        spec = self.manager.kernel_spec
        if tools:  # programs in front of the real ones
            spec.env["PATH"] = f"{tools}:{spec.env['PATH']}"
        if os.environ.get("WITHOUT_GUARD"):  # what GoNB alone does
            spec.argv[:] = spec.argv[spec.argv.index("--") + 1:]
        elif options:
            at = spec.argv.index("--")
            spec.argv[at:at] = options
        self.manager.start_kernel(cwd=str(folder or ROOT / "notebooks"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    @property
    def pid(self):
        return self.manager.provisioner.process.pid

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def wait(self, request, timeout=60, stops=(), answers=None):
        """Collects what belongs to a request; stops are seconds after which stop is pressed."""
        r, began, stops = Result(), time.time(), list(stops)
        while True:
            if stops and time.time() - began >= stops[0]:
                stops.pop(0)
                self.manager.interrupt_kernel()
                r.stopped = time.time()
            if time.time() - began > timeout:
                raise TimeoutError(f"still running after {timeout} s: {r.said[-500:]}")
            if answers is not None:
                try:
                    asked = self.client.get_stdin_msg(timeout=0)
                    r.asked = asked["content"]["prompt"]
                    self.client.input(answers.pop(0))
                except queue.Empty:
                    pass
            try:
                m = self.client.get_iopub_msg(timeout=0.05)
            except queue.Empty:
                continue
            if m["parent_header"].get("msg_id") != request:
                continue
            c = m["content"]
            if m["msg_type"] == "stream":
                r.pieces.append((c["name"], c["text"]))
            elif m["msg_type"] == "error":
                r.error = c
            elif m["msg_type"] == "execute_input":
                r.code = c["code"]
            elif m["msg_type"] in ("display_data", "update_display_data"):
                r.displays.append(c)
                r.pieces.append(("display", ""))
            elif m["msg_type"] == "status" and c["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=10)
            if reply["parent_header"]["msg_id"] == request:
                r.reply = reply["content"]
                r.seconds = time.time() - began
                return r

    def run(self, code, timeout=60, stops=(), answers=None, **options):
        return self.wait(self.send(code, **options), timeout, stops, answers)

    def end(self, now=False):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=now)


IMPORTS = """import (
	"fmt"
	"os"
	"time"
)
"""


class Shared(unittest.TestCase):
    """Tests that share a kernel; each begins with the standard imports."""

    @classmethod
    def setUpClass(cls):
        cls.kernel = Kernel()

    @classmethod
    def tearDownClass(cls):
        cls.kernel.end()

    def setUp(self):
        self.good("%reset\n" + IMPORTS)

    def run_cell(self, code, **options):
        return self.kernel.run(code, **options)

    def good(self, code, **options):
        r = self.run_cell(code, **options)
        self.assertIsNone(r.error, r.said)
        self.assertEqual(r.reply["status"], "ok")
        return r

    def bad(self, code, *want, **options):
        """The cell fails, and says all of this."""
        r = self.run_cell(code, **options)
        self.assertIsNotNone(r.error, r.said)
        self.assertEqual(r.reply["status"], "error")
        for w in want:
            self.assertIn(w, r.said)
        return r


class Cells(Shared):
    def test_without_a_beginning(self):
        r = self.bad("x := 3\nfmt.Println(x)", "line 1", '"x := 3" is a statement', "Write %% alone on a line above it")
        self.assertEqual(r.code, "x := 3\nfmt.Println(x)")
        self.assertEqual(self.good("%%\nx := 3\nfmt.Println(x)").text(), "3\n")

    def test_two_beginnings(self):
        self.good("func keep() int { return 7 }")
        self.bad("%%\nfmt.Println(1)\n%%\nfmt.Println(2)", "line 3", "one beginning")
        self.bad("%%\nfmt.Println(1)\n%main", "line 3", "one beginning")
        self.assertEqual(self.good("%%\nfmt.Println(keep())").text(), "7\n", "the state is lost")

    def test_counter(self):
        """A cell that is refused counts as any other."""
        first = self.good("%%\nfmt.Println(1)").reply["execution_count"]
        self.assertEqual(self.bad("fmt.Println(2)").reply["execution_count"], first + 1)
        self.assertEqual(self.good("%%\nfmt.Println(3)").reply["execution_count"], first + 2)

    def test_stale(self):
        self.good("func f() int { return 1 }\nfunc g() int { return f() }")
        self.bad("func f() int { return y }", "undefined: y")
        r = self.good("%%\nfmt.Println(g())")
        self.assertRegex(r.text(), r"\Af runs as cell \[\d+\] has it: its newer version in cell \[\d+\] did not compile\.\n1\n\Z")
        self.assertEqual(self.good("%%\nfmt.Println(2)").text(), "2\n")
        self.good("func f() int { return 3 }")
        self.assertEqual(self.good("%%\nfmt.Println(g())").text(), "3\n")

    def test_stale_before_a_check(self):
        self.good('import "github.com/descent-go/descent/course/check"\nfunc f(x float64) float64 { return x }')
        self.bad("func f(x float64) float64 { return y }")
        self.bad('%%\ncheck.Given("x", f(1))', "did not compile", "Mend cell")

    def test_undefined_after_failure(self):
        self.bad("func fresh() int { return y }")
        self.bad("%%\nfmt.Println(fresh())", "fresh is declared in cell", "did not compile")

    def test_raw_string_is_no_command(self):
        with tempfile.TemporaryDirectory() as folder:
            proof = f"{folder}/bash"
            r = self.good(f"%%\nfmt.Print(`# title\n![a picture](p.png)\n!touch {proof}\n%%\n%cd /\npackage main\n`)")
            self.assertEqual(r.text(), f"# title\n![a picture](p.png)\n!touch {proof}\n%%\n%cd /\npackage main\n")
            self.good(f"/*\n!touch {proof}\n*/\nvar a = 1")
            self.assertFalse(os.path.exists(proof))
        r = self.bad("%%\ns := `a\n!b`\nfmt.Println(s)\nnothere()", "line 5")
        self.assertIn("undefined: nothere", r.said)

    def test_commands_still_work(self):
        self.assertEqual(self.good("!echo it\\'s\n%%\nfmt.Println(1)").text(), "it's\n1\n")
        self.assertEqual(self.good("%%bash\necho a; echo b").text(), "a\nb\n")
        self.assertIn("GoNB", str(self.good("%help").displays))

    def test_iota(self):
        r = self.good("const (\n\t_ = iota\n\tOne\n\t_\n\tThree\n)\n%%\nfmt.Println(One, Three)")
        self.assertEqual(r.text(), "1 3\n")
        self.good("const (\n\tA = iota\n\tB\n\tC\n)")
        self.assertEqual(self.good("const B = 7\n%%\nfmt.Println(A, B, C)").text(), "0 7 2\n")
        self.assertEqual(self.good("const (\n\tX = iota + 5\n\tA\n)\n%%\nfmt.Println(A, B, C, X)").text(), "6 7 2 5\n")
        self.assertEqual(self.good("%%\nfmt.Println(A, B, C, X)").text(), "6 7 2 5\n")

    def test_another_kind(self):
        self.good("var thing = 1")
        self.assertEqual(self.good("func thing() int { return 2 }\n%%\nfmt.Println(thing())").text(), "2\n")
        self.assertEqual(self.good("%%\nfmt.Println(thing())").text(), "2\n")
        self.assertEqual(self.good("const thing = 3\n%%\nfmt.Println(thing)").text(), "3\n")

    def test_generic_methods(self):
        self.good("type Stack[T any] struct{ xs []T }\nfunc (s *Stack[T]) Len() int { return len(s.xs) }")
        self.good("func (s *Stack[E]) Len() int { return 10 + len(s.xs) }")
        r = self.good("func (s Stack[E]) Len() int { return 20 + len(s.xs) }\n%%\nvar s Stack[int]\nfmt.Println(s.Len())")
        self.assertEqual(r.text(), "20\n")
        r = self.good("type Pair[K, V any] struct{ k K; v V }\nfunc (p Pair[K, V]) Len() int { return 2 }\n"
                      "%%\nvar s Stack[int]\nfmt.Println(s.Len(), Pair[int, int]{}.Len())")
        self.assertEqual(r.text(), "20 2\n")

    def test_packages(self):
        self.assertEqual(self.good("%%\npackages := 3\nfmt.Println(\npackages)").text(), "3\n")

    def test_embed(self):
        self.bad('import _ "embed"\n//go:embed data.csv\nvar s string', "line 2", "os.ReadFile", "data.csv")

    def test_imports_clash(self):
        self.good('import "math/rand/v2"\nfunc die() int { return rand.IntN(1) }')
        r = self.good('import "crypto/rand"\n%%\nb := make([]byte, 3)\nn, err := rand.Read(b)\nfmt.Println(n, err, die())')
        self.assertEqual(r.text(), "3 <nil> 0\n")
        self.assertEqual(self.good('import "math/rand/v2"\n%%\nfmt.Println(rand.IntN(1))').text(), "0\n")

    def test_error_in_plain_words(self):
        r = self.bad("// one\nfunc length() int {\n\treturn 1\n}\n%%\nx := 1\nfmt.Println(lenght())",
                     "line 6: declared and not used: x", "Use it, delete it", "line 7: undefined: lenght", "Did you mean length?")
        self.assertNotIn("/go build", r.said)
        self.bad("%%\nvar n int = 2\nfmt.Println(n * 1.5, float64(n) * n)", "Convert")
        self.bad("func f( {", "line 1", "did not expect")
        self.bad("func f() int {\n}", "missing return", "Put a return")

    def test_tests(self):
        self.assertIn("PASS", self.good('import "testing"\n%test\nfunc TestOne(t *testing.T) { t.Log("seen") }').text())
        r = self.bad('import "testing"\n%test\nfunc TestTwo(t *testing.T) { t.Error("wrong") }', "wrong", "FAIL")
        self.assertNotIn("os.Exit", r.said)

    def test_exec(self):
        self.assertEqual(self.good('func hello() { fmt.Println("hello") }\n%exec hello').text(), "hello\n")

    def test_the_library_changes(self):
        """A package of the learner's own that has changed is compiled anew, and so is a cell that uses it."""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "go.mod").write_text("module example.com/own\n\ngo 1.26\n")
            source = pathlib.Path(folder, "own.go")
            source.write_text("package own\n\nconst X = 1\n")
            self.good(f"!*go work use {folder}")
            cell = 'import "example.com/own"\n%%\nfmt.Println(own.X)'
            self.assertEqual(self.good(cell).text(), "1\n")
            self.assertEqual(self.good(cell).text(), "1\n")
            source.write_text("package own\n\nconst X = 2\n")
            self.assertEqual(self.good(cell).text(), "2\n")
            # The variable of a loop is another in each turn from Go 1.22 on.
            source = pathlib.Path(folder, "inner", "inner.go")
            source.parent.mkdir()
            cell = cell.replace("com/own", "com/own/inner").replace("own.X", "inner.X")
            source.write_text("package inner\n\nvar X = f()\n\nfunc f() (s int) {\n\tvar all []func() int\n"
                              "\tfor i := 0; i < 3; i++ {\n\t\tall = append(all, func() int { return i })\n\t}\n"
                              "\tfor _, g := range all {\n\t\ts += g()\n\t}\n\treturn s\n}\n")
            self.assertEqual(self.good(cell).text(), "3\n")
            pathlib.Path(folder, "go.mod").write_text("module example.com/own\n\ngo 1.21\n")
            self.assertEqual(self.good(cell).text(), "9\n")
            self.good(f"!*go work edit -dropuse {folder}")

    def test_panic_in_plain_words(self):
        self.bad("%%\nvar m map[string]int\nm[\"a\"] = 1", "assignment to entry in nil map", "line 3", "declared but not made")
        self.bad("%%\nxs := []int{1}\ni := len(os.Args) + 4\nfmt.Println(xs[i])", "index out of range", "line 4", "Counting begins at 0")
        self.bad("%%\ngo func() { panic(\"boom\") }()\ntime.Sleep(time.Second)", "panic: boom", "gave up here")
        self.bad("%%\nos.Exit(7)", "exit status 7", "ended itself with status 7")
        self.bad('import "gonum.org/v1/gonum/mat"\n%%\nvar c mat.Dense\nc.Mul(mat.NewDense(2, 3, nil), mat.NewDense(2, 3, nil))', "The shapes do not fit")


class Streams(Shared):
    def test_letters(self):
        r = self.good('%%\nfor i := 0; i < 20000; i++ { fmt.Println(i, "机器学习很有趣") }', timeout=120)
        want = "".join(f"{i} 机器学习很有趣\n" for i in range(20000))
        self.assertTrue(r.text() == want, "letters are broken or lost")

    def test_letters_on_stderr(self):
        r = self.good('%%\nfor i := 0; i < 3000; i++ { fmt.Fprintln(os.Stderr, i, "机器学习很有趣") }', timeout=120)
        self.assertTrue(r.text("stderr") == "".join(f"{i} 机器学习很有趣\n" for i in range(3000)))

    def test_half_letters(self):
        r = self.good('%%\nb := []byte("é€😀")\nfor i := range b { os.Stdout.Write(b[i:i+1]); time.Sleep(5*time.Millisecond) }\nos.Stdout.Write([]byte{0xff})')
        self.assertEqual(r.text(), "é€😀\ufffd")

    def test_order(self):
        r = self.good('%%\nfor i := 0; i < 500; i++ {\n\tfmt.Println("out", i)\n\tif i%3 == 0 { fmt.Print("a", "b"); fmt.Println("c") }\n'
                      '\tfmt.Fprintln(os.Stderr, "err", i)\n}', timeout=120)
        want = "".join(f"out {i}\n" + ("abc\n" if i % 3 == 0 else "") + f"err {i}\n" for i in range(500))
        self.assertTrue(r.text() == want, next(f"line {i}: {a!r}, not {b!r}" for i, (a, b) in enumerate(zip(r.text().splitlines(), want.splitlines())) if a != b)
                        if r.text() != want else "")
        self.assertEqual(r.text("stderr"), "".join(f"err {i}\n" for i in range(500)))

    def test_displays_in_order(self):
        r = self.good('import "github.com/janpfeifer/gonb/gonbui"\n%%\nfor i := 0; i < 5; i++ {\n\tfmt.Println(i)\n'
                      '\tgonbui.DisplayHTML("<b>x</b>")\n\tgonbui.Sync()\n}\nfmt.Println("end")')
        self.assertEqual([t or n for n, t in r.pieces], [x for i in range(5) for x in (f"{i}\n", "display")] + ["end\n"])

    def test_displays_of_two(self):
        """A chart and GoNB's own package share the pipe, and nobody need wait for what was shown."""
        for i in range(5):
            r = self.good('import ("github.com/descent-go/descent/plots"; "github.com/janpfeifer/gonb/gonbui")\n%%\n'
                          'c := plots.Lines("t", "x", "y", plots.Series{Y: []float64{0, 1}})\ngonbui.DisplayHTML("<b>x</b>")\nfmt.Println(1)\n'
                          'plots.Show(c, "a line")\nfmt.Println(2)\nplots.Show(c, "a line")\ngonbui.DisplayHTML("<b>y</b>")\n// ' + str(i))
            self.assertEqual([t or n for n, t in r.pieces], ["display", "1\n", "display", "2\n", "display", "display"])
            self.assertEqual([list(d["data"]) for d in r.displays], [["text/html"], ["image/png", "text/plain"], ["image/png", "text/plain"], ["text/html"]])

    def test_large_writes(self):
        r = self.good('import "strings"\n%%\nfmt.Println(strings.Repeat("x", 3000000))\nfmt.Println("end")')
        self.assertTrue(r.text() == "x" * 3000000 + "\nend\n")

    def test_cut(self):
        r = self.good('import "strings"\n%%\ns := strings.Repeat("y", 999)\nfor i := 0; i < 40000; i++ { fmt.Println(s) }\n'
                      'fmt.Fprintln(os.Stderr, "end")', timeout=120)
        self.assertIn("The output was cut here", r.text())
        self.assertLess(len(r.text()), 10.5 * 2**20)

    def test_capture(self):
        with tempfile.TemporaryDirectory() as folder:
            self.good(f'%capture {folder}/out.txt\n%%\nfmt.Println("captured")')
            self.assertEqual(pathlib.Path(folder, "out.txt").read_text(), "captured\n")

    def test_background(self):
        """What a program leaves behind does not hold the cell up."""
        began = time.time()
        self.good('import "os/exec"\n%%\nc := exec.Command("sleep", "20")\nc.Stdout = os.Stdout\nfmt.Println(c.Start())')
        self.assertLess(time.time() - began, 15)


class Input(Shared):
    def test_prompt(self):
        r = self.good('%%\nvar a, b string\nfmt.Scanln(&a)\nfmt.Scanln(&b)\nfmt.Println("hello", a, b)', answers=["Ada", "Lovelace"], allow_stdin=True)
        self.assertEqual(r.text(), "hello Ada Lovelace\n")
        self.assertTrue(r.asked)

    def test_forbidden(self):
        r = self.good('%%\nvar a string\n_, err := fmt.Scanln(&a)\nfmt.Println(err)', allow_stdin=False, timeout=20)
        self.assertIn("EOF\n", r.text("stdout"))
        self.assertIn("cannot ask for any", r.text("stderr"))


class Stop(Shared):
    def test_any_moment(self):
        """Stop is pressed while cells are compiled, linked, started and run."""
        self.good("func keep() int { return 7 }")
        r = random.Random(3)
        for i in range(30):
            cell = self.run_cell(f"%%\nfor {{ time.Sleep(time.Hour + {i}) }}", stops=[r.uniform(0, 1.8)], timeout=30)
            self.assertIn("stopped", cell.said)
            self.assertLess(time.time() - cell.stopped, 1.5)
        self.assertEqual(self.good("%%\nfmt.Println(keep())").text(), "7\n")

    def test_gently(self):
        """A program that ends itself well may do so, and gets one interrupt for one stop."""
        r = self.good('import ("context"; "os/signal")\n%%\nctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)\n'
                      '<-ctx.Done()\nsignal.Reset(os.Interrupt)\ntime.Sleep(time.Second)\nfmt.Println("what I have")', stops=[2])
        self.assertEqual(r.text(), "what I have\n")

    def test_second_kills(self):
        r = self.run_cell('import "os/signal"\n%%\nsignal.Ignore(os.Interrupt)\nfor {}', stops=[2, 3])
        self.assertLess(time.time() - r.stopped, 1.5)

    def test_patience(self):
        r = self.run_cell('import "os/signal"\n%%\nsignal.Ignore(os.Interrupt)\nfor {}', stops=[2])
        self.assertLess(time.time() - r.stopped, 8)

    def test_shell(self):
        r = self.run_cell("!sleep 100; echo never; sleep 100", stops=[0.5], timeout=20)
        self.assertLess(time.time() - r.stopped, 7)
        self.assertNotIn("never", r.text())

    def test_queue(self):
        """What waits behind a stopped cell or a failed one does not run."""
        for first, stops in (("%%\ntime.Sleep(time.Hour)", [1.5]), ("%%\nos.Exit(1)", [])):
            requests = [self.kernel.send(c) for c in (first, "%%\nfmt.Println(1)", "%%\nfmt.Println(2)")]
            self.kernel.wait(requests[0], stops=stops)
            for q in requests[1:]:
                self.assertEqual(self.kernel.wait(q).reply["status"], "aborted")
            self.assertEqual(self.good("%%\nfmt.Println(3)").text(), "3\n")


class Fast(unittest.TestCase):
    def test_tools(self):
        """A cell whose imports are known costs one compiler and one linker: no go command, no goimports."""
        with tempfile.TemporaryDirectory() as folder:
            said = pathlib.Path(folder, "said")
            for name in ("go", "goimports"):
                real = shutil.which(name, path=KernelManager(kernel_name="gonb").kernel_spec.env["PATH"])
                wrapper = pathlib.Path(folder, name)
                wrapper.write_text(f'#!/bin/sh\necho "{name} $*" >>{said}\nexec {real} "$@"\n')
                wrapper.chmod(0o755)
            k = Kernel(tools=folder)
            try:
                k.run(IMPORTS)
                k.run('%%\nfmt.Println("one")')
                self.assertIn("go list", said.read_text())
                said.write_text("")
                self.assertEqual(k.run('%%\nfmt.Println("two")').text(), "two\n")
                self.assertEqual(said.read_text(), "")
                self.assertIn("undefined: y", k.run("%%\nfmt.Println(y)").said)
                self.assertEqual(said.read_text(), "")
                info = 'import "runtime/debug"\n%%\ninfo, ok := debug.ReadBuildInfo()\nfmt.Println(ok, info.Path != "")'
                self.assertEqual(k.run(info).text(), "true true\n")
            finally:
                k.end()


class Limits(unittest.TestCase):
    def test_memory(self):
        k = Kernel(options=["-memory=600"])
        try:
            k.run(IMPORTS)
            r = k.run('%%\nvar all [][]byte\nfor {\n\tb := make([]byte, 1<<24)\n\tfor i := range b { b[i] = 1 }\n\tall = append(all, b)\n}\nfmt.Println(len(all))', timeout=90)
            self.assertIn("more than 600 MB of memory", r.said)
            self.assertEqual(k.run("%%\nfmt.Println(1)").text(), "1\n")
        finally:
            k.end()

    def test_refuse(self):
        k = Kernel(options=["-stale=refuse"])
        try:
            k.run(IMPORTS + "func f() int { return 1 }")
            k.run("func f() int { return y }")
            self.assertIn("Mend cell", k.run("%%\nfmt.Println(f())").said)
        finally:
            k.end()


def leftovers():
    """Processes and folders of kernels of this checkout."""
    ps = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout.splitlines()
    own = [line.strip() for line in ps if (f"{ROOT}/.lab/" in line or "sleep 100" in line) and "kernel_cases" not in line and "ps -eo" not in line and "jupyter" not in line.split(None, 1)[1][:60]]
    return own, sorted(os.listdir(TMP))


def nothing_left(before, seconds=15):
    end = time.time() + seconds
    while time.time() < end:
        processes, folders = leftovers()
        new = [p for p in processes if p not in before[0]], [f for f in folders if f not in before[1]]
        if not new[0] and not new[1]:
            return None
        time.sleep(0.2)
    return new


class Ends(unittest.TestCase):
    def test_hard_restarts(self):
        """Kernels that are killed in the middle of a cell leave nothing behind."""
        before = leftovers()
        k = Kernel()
        k.run(IMPORTS)
        for i in range(RESTARTS):
            if i % 3 == 0:
                k.send('%%\nfor i := 0; ; i++ { _ = fmt.Sprint(i) }')
                time.sleep(0.1 * (i % 10))
            k.manager.restart_kernel(now=True)
            k.client.wait_for_ready(timeout=60)
        self.assertEqual(k.run(IMPORTS + "%%\nfmt.Println(1)").text(), "1\n")
        k.end(now=True)
        self.assertIsNone(nothing_left(before))

    def test_ways(self):
        """Shut down, terminated, killed, or GoNB gone: nothing stays."""
        before = leftovers()
        for way in ("shutdown", signal.SIGTERM, signal.SIGKILL, "gonb"):
            k = Kernel()
            k.run(IMPORTS)
            k.send('import ("os/exec"; "syscall")\n%%\nc := exec.Command("sleep", "1000")\nc.Start()\n'
                   'd := exec.Command("sleep", "1001")\nd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}\nd.Start()\ntime.Sleep(time.Hour)')
            time.sleep(1.5)
            if way == "shutdown":
                k.end()
            elif way == "gonb":
                gonb = [line.split() for line in leftovers()[0] if line not in before[0]]
                gonb = [int(words[0]) for words in gonb if words[1].endswith("/gonb")]
                self.assertEqual(len(gonb), 1)
                for p in gonb:
                    os.kill(p, signal.SIGKILL)
            else:
                os.kill(k.pid, way)
            self.assertIsNone(nothing_left(before), way)
            if way != "shutdown":
                k.client.stop_channels()
                k.manager.shutdown_kernel(now=True)


class Jupyter(Shared):
    def test_info(self):
        info = self.kernel.client.kernel_info(reply=True, timeout=10)["content"]
        self.assertIn("GoNB v0.", info["banner"])
        self.assertIn("guard", info["banner"])
        self.assertIn("gonb", info["implementation"])

    def test_while_a_cell_runs(self):
        """Information, completion and inspection answer at once, and the kernel still counts as busy."""
        self.good("func length() int { return 1 }")
        request = self.kernel.send("%%\ntime.Sleep(time.Hour)")
        time.sleep(1)
        c = self.kernel.client
        c.kernel_info(reply=True, timeout=3)
        code = "%%\nfmt.Println(leng"
        r = c.complete(code, reply=True, timeout=30)["content"]
        self.assertIn("length", [m.removesuffix("()") for m in r["matches"]])
        self.assertEqual(code[r["cursor_start"]:r["cursor_end"]], "leng")
        r = c.complete("%%\nfmt.Printl", reply=True, timeout=30)["content"]
        self.assertTrue(any(m.startswith("Println") for m in r["matches"]), r)
        r = c.inspect("%%\nfmt.Println(1)", 8, reply=True, timeout=30)["content"]
        self.assertTrue(r["found"])
        self.assertIn("Println", r["data"]["text/plain"])
        self.assertEqual(c.complete("%%\nnotThere.", reply=True, timeout=30)["content"]["matches"], [])
        states = []
        try:
            while True:
                m = c.get_iopub_msg(timeout=0.2)
                if m["msg_type"] == "status":
                    states.append(m["content"]["execution_state"])
        except queue.Empty:
            pass
        self.assertEqual(states[-1], "busy")
        self.kernel.manager.interrupt_kernel()
        self.kernel.wait(request)

    def test_latency(self):
        """A cell of which GoNB has nothing to do comes back at once."""
        times = []
        for _ in range(20):
            began = time.perf_counter()
            self.good("\n")
            times.append(time.perf_counter() - began)
        self.assertLess(sorted(times)[10], 0.02)


def memory(pids):
    """The MB that processes use, each page divided among those that share it; None where the system does not say."""
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            if not os.path.exists("/proc/self/smaps_rollup"):
                return None
            continue
        total += int(re.search(r"^Pss: +(\d+) kB", text, re.M)[1])
    return total / 1024


@unittest.skipUnless(os.path.exists("/proc/self/smaps_rollup"), "only Linux says how much memory processes share")
class Class(unittest.TestCase):
    def test_memory(self):
        """A class shares one gopls: one of 30 takes at most 900 MB more with completion than without."""
        before = {line.split()[0] for line in leftovers()[0]}
        own = lambda: [line.split()[:2] for line in leftovers()[0] if line.split()[0] not in before]
        kernels = []
        try:
            for _ in range(CLASS):
                kernels.append(Kernel())
                kernels[-1].run(IMPORTS)
            without = memory(pid for pid, _ in own())
            for i, k in enumerate(kernels):
                code = f'func length{i}() int {{ return {i} }}\n%%\nfmt.Println(leng'
                matches = k.client.complete(code, reply=True, timeout=60)["content"]["matches"]
                self.assertIn(f"length{i}", [m.removesuffix("()") for m in matches])
            processes = own()
            more = memory(pid for pid, _ in processes) - without
            print(f"{CLASS} kernels take {without:.0f} MB, with completion {more:.0f} MB more", file=sys.stderr)
            self.assertEqual(sum(name.endswith("/gopls") for _, name in processes), 1, processes)
            self.assertGreater(more, 50, "gopls was not seen")
            self.assertLess(more, 450 + 15 * CLASS)  # without a limit 6 kernels took 560
            self.assertLess(without, 40 * CLASS)
        finally:
            for k in kernels:
                k.end()


RESTARTS = int(os.environ.get("RESTARTS", "30"))
CLASS = int(os.environ.get("CLASS", "6"))

if __name__ == "__main__":
    os.environ.update(JUPYTER_DATA_DIR=f"{ROOT}/.lab/jupyter/data", JUPYTER_RUNTIME_DIR=f"{ROOT}/.lab/jupyter/runtime")
    del sys.argv[1]
    unittest.main(verbosity=2)
