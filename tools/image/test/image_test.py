"""One test for each promise of the image. make image-test runs them; N=health runs those with 'health' in their names."""
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
import unittest
import zipfile

import engine
from engine import CONTEXT, IMAGE, ROOT, STATE, Container, config, once, run

HERE = pathlib.Path(__file__).parent
WORK = "/course/notebooks"
START = "00-start-here.ipynb"
# As locked as a classroom's container may be.
LOCKED = ["--read-only", "--tmpfs", "/tmp:exec", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "1g"]
MB = 1_000_000
CHART = '''import (
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)
%%
h := &train.History{}
for i := range 10 {
	h.Records = append(h.Records, train.Record{Epoch: i + 1, Loss: 1 / float64(i+1), ValLoss: math.NaN()})
}
plots.Show(plots.Loss("Loss", plots.LossOptions{}, plots.Run{Name: "run", History: h}), "The loss falls.")'''
WIDGET = '''import (
	"github.com/descent-go/descent/plots"
	"github.com/descent-go/descent/plots/widget"
)
%%
widget.Slider("slope", -1, 1, 0.5, func(v float64) *plots.Chart {
	return plots.Lines("A line", "x", "y", plots.Series{Y: []float64{0, v}})
}, "A straight line.")'''
HELLO = '%%\nfmt.Println("six by nine is", 6*9)'
ENDLESS = '%%\nfmt.Println("training")\nfor x := 0.5; ; x = 3.9 * x * (1 - x) {\n}'


def setUpModule():
    engine.prepare()


class Volume:
    """A named volume that is empty at first."""

    def __enter__(self):
        self.name = run("podman", "volume", "create").stdout.strip()
        return self

    def __exit__(self, *_):
        run("podman", "volume", "rm", "--force", self.name)

    def mount(self, where=WORK):
        return ["--volume", f"{self.name}:{where}"]


@contextlib.contextmanager
def small_disk(size):
    """A work folder on a disk of its own; yields the option that mounts it."""
    with tempfile.TemporaryDirectory(dir=STATE) as folder:
        run("mount", "-t", "tmpfs", "-o", f"size={size},uid=1000,gid=0,mode=0775", "tmpfs", folder)
        try:
            yield ["--volume", f"{folder}:{WORK}"]
        finally:
            run("umount", "--lazy", folder)


def learner(container, *cells, url="http://127.0.0.1:8888/"):
    """Runs cells as the browser does, through the server; their results."""
    done = container.exec("python3", "-", url, container.token(), f"notebooks/{START}", json.dumps(cells),
                          input=(HERE / "learner.py").read_text())
    return json.loads(done.stdout)


def alone(test):
    """Marks a test that measures time or memory: nothing else runs beside it."""
    test.alone = True
    return test


def soak(test):
    """Marks a test that tries more of what others try, too: the sample of make ci is without it, make soak has all."""
    test.soak = True
    return test


def best(measure, bound, tries=3):
    """The least of up to three tries, for a machine on which something else begins to run is slow for a moment."""
    seconds = []
    while len(seconds) < tries and not (seconds and min(seconds) <= bound):
        seconds.append(measure())
    print(", ".join(f"{s:.1f} s" for s in seconds), end=" … ")
    return min(seconds)


def cells_running(container):
    """The process ids of programs that are cells."""
    return [pid for pid, command in container.processes() if re.match(r"\S+/gonb_\w+/gonb_\w+", command)]


@contextlib.contextmanager
def training(container):
    """While a cell trains that comes to no end."""
    learner(container, HELLO)
    arguments = ["python3", "-", "http://127.0.0.1:8888/", container.token(), f"notebooks/{START}", json.dumps([ENDLESS])]
    with open(HERE / "learner.py") as script, subprocess.Popen(["podman", "exec", "-i", container.id, *arguments], stdin=script,
                                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as busy:
        try:
            for _ in range(100):
                if cells_running(container):
                    break
                time.sleep(0.2)
            else:
                raise AssertionError("the cell has not begun to train")
            yield
        finally:
            busy.kill()


class Promise(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        begin = time.monotonic()
        self.addCleanup(lambda: print(f"{self._testMethodName}: {time.monotonic() - begin:.0f} s", flush=True))

    def works(self, container, user=None):
        """A real cell runs in the container, and the warm caches serve it."""
        done = container.exec("selftest")
        self.assertIn("selftest: all is well", done.stdout)
        new = int(re.search(r"(\d+) new files in the build cache", done.stdout).group(1))
        self.assertLess(new, 12, f"packages were compiled that should have been in the warm cache:\n{done.stdout}")
        return done.stdout

    def ends(self, *options, command=(), image=IMAGE):
        """The container stops by itself, with an error; what it said."""
        with Container(*options, command=command, image=image, wait=False) as c:
            code, _ = c.wait(60)
            self.assertNotEqual(code, 0, c.logs())
            self.assertNotIn("Traceback", c.logs())
            return c.logs()


class Notebooks(Promise):
    def chosen(self):
        """All notebooks, or those that NOTEBOOKS names."""
        patterns = os.environ.get("NOTEBOOKS", "*").split()
        names = sorted({path.name for p in patterns for path in (CONTEXT / "notebooks").glob(f"{p}.ipynb")})
        self.assertGreaterEqual(len(names), len(patterns), f"not all of {patterns} are notebooks")
        return names

    def test_every_notebook_executes_without_a_network(self):
        """every chosen notebook executes, as the ordinary user, in a network namespace without any network"""
        chosen = self.chosen()
        done = once("--env", "DESCENT_PROGRESS=/tmp/progress", command=["python3", "/course/tools/lab/notebooks.py", "test", *chosen],
                    check=False, timeout=1800)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"notebooks: {len(chosen)} test, 0 with problems", done.stdout)

    @alone
    def test_first_cells_are_warm(self):
        """the first cell of every chosen notebook compiles nothing but itself, and is as fast as the same cell again, in a new container"""
        done = once("--interactive", command=["python3", "-", *self.chosen()], check=False, input=(HERE / "first_cells.py").read_text())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(done.stdout)
        self.assertEqual(len(done.stdout.splitlines()), len(self.chosen()))
        for line in done.stdout.splitlines():
            name, files, first, again = line.split()
            self.assertLess(int(files), 12, f"{name}: {files} new files in the build cache: its first cell was not warm")
            # A package that is compiled costs 4 s and more; a disk that is read for the first time or a neighbour, less.
            self.assertLess(float(first), float(again) + 3, f"{name}: the first cell is slower than the same cell again")

    def test_another_module(self):
        """where there is a way to a module proxy, a cell can use a module that the course does not need"""
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            os.chmod(folder, 0o755)
            versions = pathlib.Path(folder, "example.org/hello/@v")
            versions.mkdir(parents=True)
            (versions / "list").write_text("v1.0.0\n")
            (versions / "v1.0.0.info").write_text('{"Version": "v1.0.0", "Time": "2024-01-01T00:00:00Z"}')
            (versions / "v1.0.0.mod").write_text("module example.org/hello\n")
            with zipfile.ZipFile(versions / "v1.0.0.zip", "w") as z:
                z.writestr("example.org/hello@v1.0.0/go.mod", "module example.org/hello\n")
                z.writestr("example.org/hello@v1.0.0/hello.go", "package hello\n\nconst World = 42\n")
            with Container("--volume", f"{folder}:/proxy:ro") as c:
                cells = ["%env GOPROXY file:///proxy", "%env GOSUMDB off", 'import "example.org/hello"\n%%\nfmt.Println(hello.World)']
                self.assertEqual(learner(c, *cells)[-1]["text"].splitlines()[-1:], ["42"])


class Entrance(Promise):
    def test_a_token_by_default(self):
        """the server answers with the token and refuses without"""
        with Container() as c:
            for path, status in [("/api/contents", 403), (f"/api/contents?token={c.token()}", 200),
                                 ("/api/contents?token=wrong", 403), ("/lab", 302)]:
                self.assertEqual(c.http(path)[0], status, path)
            self.assertGreaterEqual(len(c.token()), 40)

    @soak
    def test_two_containers_have_different_tokens(self):
        """a token is made anew for each container"""
        with Container() as one, Container() as two:
            self.assertNotEqual(one.token(), two.token())

    @soak
    def test_a_token_of_ones_own(self):
        """a token of one's own, from the environment or a file, is taken"""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder).chmod(0o755)
            pathlib.Path(folder, "token").write_text("from a file\n".replace(" ", "-"))
            for options, token in [(["--env", "JUPYTER_TOKEN=chosen"], "chosen"),
                                   (["--volume", f"{folder}:/secrets:ro", "--env", "JUPYTER_TOKEN_FILE=/secrets/token"], "from-a-file"),
                                   (["--ServerApp.token=option"], "option")]:
                command = [o for o in options if o.startswith("--ServerApp")]
                with Container(*(o for o in options if o not in command), command=command) as c:
                    self.assertEqual(c.http(f"/api/contents?token={token}")[0], 200)
                    self.assertEqual(c.http("/api/contents")[0], 403)
                    self.assertEqual(c.token(), token)

    def test_a_password(self):
        """a password instead, if asked for, and said"""
        with Container("--env", "DESCENT_AUTH=password", "--env", "DESCENT_PASSWORD=open sesame") as c:
            self.assertIn("protected by a password only", c.logs())
            self.assertNotIn("sesame", c.logs())
            self.assertEqual(c.http("/api/contents")[0], 403)
            jar = str(STATE / "cookies")
            pathlib.Path(jar).unlink(missing_ok=True)

            def login(password):
                c.inside("curl", "-s", "-c", jar, "http://127.0.0.1:8888/login")
                xsrf = re.search(r"_xsrf\s+(\S+)", pathlib.Path(jar).read_text()).group(1)
                c.inside("curl", "-s", "-b", jar, "-c", jar, "--data-urlencode", f"password={password}", "--data", f"_xsrf={xsrf}",
                         "http://127.0.0.1:8888/login")
                return c.inside("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-b", jar,
                                "http://127.0.0.1:8888/api/contents").stdout
            self.assertEqual(login("abracadabra"), "403")
            self.assertEqual(login("open sesame"), "200")
        self.assertIn("needs a password", self.ends("--env", "DESCENT_AUTH=password"))

    def test_no_protection_only_if_asked_for(self):
        """no token and no password only if asked for, and then said loudly"""
        with Container("--env", "DESCENT_AUTH=none") as c:
            self.assertIn("NO TOKEN AND NO PASSWORD", c.logs())
            self.assertEqual(c.http("/api/contents")[0], 200)
        with Container(command=["--IdentityProvider.token="]) as c:
            self.assertIn("NO TOKEN AND NO PASSWORD", c.logs())
        with Container("--env", "JUPYTER_TOKEN=", "--env", "DESCENT_PASSWORD=") as c:  # nothing said is not none
            self.assertEqual(c.http("/api/contents")[0], 403)
            self.assertGreaterEqual(len(c.token()), 40)
        self.assertIn("choose token, password or none", self.ends("--env", "DESCENT_AUTH=no"))


    def test_no_other_port(self):
        """the server's is the only port, also while a kernel runs: a kernel's own sockets are in a folder that only its user can enter"""
        with Container() as c:
            self.assertEqual(learner(c, HELLO)[0]["text"], "six by nine is 54\n")
            tables = c.exec("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout.splitlines()
            listening = {int(line.split()[1].rpartition(":")[2], 16) for line in tables if line.split()[3] == "0A"}
            self.assertEqual(listening, {8888})
            self.assertEqual(c.exec("stat", "-c", "%a %u", "/tmp/descent-1000").stdout, "700 1000\n")


class Health(Promise):
    def healthy(self, c):
        """As the engine judges, with the image's own health check."""
        return run("podman", "healthcheck", "run", c.id, check=False).returncode == 0

    @soak
    def test_health_under_another_port_a_base_url_and_tls(self):
        """the health check is right under another port, a base URL and TLS, and false when the server hangs or is not there"""
        with tempfile.TemporaryDirectory() as folder:
            run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=classroom",
                "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem")
            for f in pathlib.Path(folder).iterdir():
                f.chmod(0o644)
            pathlib.Path(folder).chmod(0o755)
            tls = ["--ServerApp.certfile=/tls/cert.pem", "--ServerApp.keyfile=/tls/key.pem"]
            for name, command, base in [
                ("default", [], "http://127.0.0.1:8888"),
                ("port", ["--port=9999"], "http://127.0.0.1:9999"),
                ("base URL", ["--ServerApp.base_url=/class/3/"], "http://127.0.0.1:8888/class/3"),
                ("TLS", tls, "https://127.0.0.1:8888"),
                ("all", ["--port=9443", "--ServerApp.base_url=/x", *tls], "https://127.0.0.1:9443/x"),
            ]:
                with self.subTest(name), Container("--volume", f"{folder}:/tls:ro", command=command) as c:
                    self.assertTrue(self.healthy(c), c.logs())
                    self.assertEqual(c.http(f"/api/contents?token={c.token()}", base=base)[0], 200)
                    self.assertIn(f"descent: open {base}/lab/tree/notebooks/{START}?token=", c.logs())
                    [server] = [pid for pid, command in c.processes() if command.startswith("/usr/bin/python3 /usr/bin/jupyter-lab")]
                    c.exec("sh", "-c", f"kill -STOP {server}")
                    self.assertFalse(self.healthy(c), "healthy though the server hangs")
        with Container(command=["sleep", "60"], wait=False) as c:
            self.assertFalse(self.healthy(c), "healthy though there is no server")


class Users(Promise):
    def test_an_ordinary_user_from_the_first_process_on(self):
        """nothing starts as root, tini is the first process, there is no sudo"""
        with Container() as c:
            self.works(c)
            first, *rest = c.exec("sh", "-c", "cat /proc/1/comm; cat /proc/[0-9]*/status | grep ^Uid: | sort -u").stdout.split("\n")
            self.assertEqual(first, "tini")
            self.assertEqual([line.split()[1:] for line in rest if line], [["1000"] * 4])
            self.assertEqual(c.exec("sh", "-c", "command -v sudo", check=False).stdout, "")

    @soak
    def test_any_user(self):
        """any --user works, with group 0 or with --group-add, locked and with a named volume, and can save its work"""
        for options in (["--user", "4321"], ["--user", "4321:4321", "--group-add", "0", *LOCKED], ["--user", "1000:1000", "--group-add", "users"]):
            with self.subTest(" ".join(options)), Volume() as v, Container(*options, *v.mount()) as c:
                self.works(c)
                token = c.token()
                status, _ = c.http(f"/api/contents/notebooks/mine.txt?token={token}", "PUT",
                                   json.dumps({"type": "file", "format": "text", "content": "x"}))
                self.assertEqual(status, 201, c.logs())
                self.assertNotRegex(c.logs(), r"(?m)^\[[EW] ")

    def test_modes(self):
        """any user of group 0 may write to the work folder and to the modules, and nobody to the pristine notebooks"""
        said = once("--user", "4321", command=["sh", "-c", "for d in /course/notebooks /opt/descent/mod /opt/descent/notebooks /course; do "
                                               "test -w $d && echo $d; done; true"]).stdout.split()
        self.assertEqual(said, ["/course/notebooks", "/opt/descent/mod"])

    def test_locked(self):
        """--read-only --tmpfs /tmp:exec --cap-drop ALL with a memory limit works, with a named volume"""
        with Volume() as v, Container(*LOCKED, *v.mount()) as c:
            self.works(c)
            self.assertEqual(learner(c, CHART)[0]["images"], 1)
            self.assertNotRegex(c.logs(), r"(?m)^\[[EW] ")

    @soak
    def test_locked_without_a_work_folder(self):
        """a read-only container without a work folder works, and says loudly that nothing is kept"""
        with Container(*LOCKED) as c:
            self.assertIn("THE WORK IS NOT KEPT", c.logs())
            self.works(c)
            self.assertEqual(learner(c, HELLO)[0]["text"], "six by nine is 54\n")

    @soak
    def test_tmp_without_exec(self):
        """a /tmp where no program may run is said in one sentence"""
        self.assertIn("mount it with exec", self.ends("--read-only", "--tmpfs", "/tmp:noexec"))

    @soak
    def test_a_folder_of_someone_else(self):
        """a bind-mounted work folder of another user is said in one sentence, with what to do, and works as that user"""
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            os.chmod(folder, 0o755)
            os.chown(folder, 5678, 5678)
            said = self.ends("--volume", f"{folder}:{WORK}")
            self.assertIn("run the container with --user 5678:5678", said)
            self.assertEqual(os.listdir(folder), [])
            with Container(*LOCKED, "--volume", f"{folder}:{WORK}", "--user", "5678:5678") as c:
                self.works(c)
                self.assertEqual(c.exec("sh", "-c", "grep CapBnd /proc/self/status").stdout.split()[1].strip("0"), "", "a capability is left")
                self.assertEqual(pathlib.Path(folder, START).stat().st_uid, 5678)


class Work(Promise):
    def names(self, c):
        return set(c.exec("ls", WORK).stdout.split())

    def test_an_empty_volume_edits_and_restore(self):
        """an empty folder is filled and trusted; a second start keeps edits; one command restores a chapter"""
        course = {p.name for p in (CONTEXT / "notebooks").glob("*.ipynb")}
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            os.chown(folder, 1000, 0)
            mount = ["--volume", f"{folder}:{WORK}"]
            work = pathlib.Path(folder)
            with Container(*mount) as c:
                self.assertLessEqual(course, self.names(c))
                for name in course:
                    self.assertEqual((work / name).read_bytes(), (CONTEXT / "notebooks" / name).read_bytes(), name)
                self.assertEqual(self.untrusted(c), [])
            mine = json.loads((work / START).read_text())
            mine["cells"][0]["source"] = ["# Mine"]
            (work / START).write_text(json.dumps(mine))
            gone = sorted(course)[2]
            (work / gone).unlink()
            with Container(*mount) as c:
                self.assertIn("# Mine", (work / START).read_text())
                self.assertTrue((work / gone).exists(), "a missing chapter was not brought back")
                self.assertEqual(self.untrusted(c), [START])
                said = c.exec("restore", "00").stdout
                self.assertIn("is restored", said)
                self.assertEqual((work / START).read_bytes(), (CONTEXT / "notebooks" / START).read_bytes())
                [kept] = work.glob("00-start-here-mine-*.ipynb")
                self.assertIn("# Mine", kept.read_text())
                self.assertEqual(self.untrusted(c), [kept.name])
                self.assertIn("no chapter begins with", c.exec("restore", "77", check=False).stderr)
                for name in course:
                    (work / name).write_text("{}")
                self.assertEqual(c.exec("restore", "all").stdout.count("is restored"), len(course))
                self.assertEqual({name for name in course if (work / name).read_bytes() == (CONTEXT / "notebooks" / name).read_bytes()}, course)

    def untrusted(self, c):
        script = ("import glob, nbformat\nfrom nbformat.sign import NotebookNotary\nn = NotebookNotary()\n"
                  "for p in sorted(glob.glob('*.ipynb')):\n  if not n.check_signature(nbformat.read(p, 4)): print(p)")
        return c.exec("start", "python3", "-c", script).stdout.split()

    @soak
    def test_a_mount_over_the_home_hides_nothing(self):
        """kernel, kernelspec and caches lie outside the home"""
        with Container("--tmpfs", "/home/learner:mode=0777", "--tmpfs", "/root") as c:
            self.works(c)

    def test_a_full_disk(self):
        """a full disk gives a clear message and loses nothing that was saved"""
        with small_disk("40m") as disk, Container(*disk) as c:
            token = c.token()
            path = f"/api/contents/notebooks/{START}?token={token}"
            c.exec("sh", "-c", f"cat /dev/zero >{WORK}/rubbish", check=False)
            before = c.exec("cat", f"{WORK}/{START}").stdout
            body = json.dumps({"type": "notebook", "content": json.loads(before)})
            status, said = c.http(path, "PUT", body)
            self.assertGreaterEqual(status, 400)
            self.assertIn("No space left on device", said)
            self.assertEqual(c.exec("cat", f"{WORK}/{START}").stdout, before)
            edit_and_fill = f"truncate -s -1 {WORK}/03*.ipynb; cat /dev/zero >>{WORK}/rubbish"
            said = c.exec("sh", "-c", f"{edit_and_fill}; restore 03", check=False).stderr
            self.assertIn("could not be written: No space left", said)
            c.exec("rm", f"{WORK}/rubbish")
            self.assertEqual(c.http(path, "PUT", body)[0], 200)

    @soak
    def test_a_full_tmp(self):
        """a /tmp that is full fails the cell, with the reason, and neither the server nor the work"""
        with Container("--read-only", "--tmpfs", "/tmp:exec,size=100m", "--volume", WORK) as c:
            self.assertEqual(learner(c, HELLO)[0]["text"], "six by nine is 54\n")
            c.exec("sh", "-c", "cat /dev/zero >/tmp/rubbish", check=False)
            # (A cell that prints is so small that it fits into what the kernel before it has left.)
            said = learner(c, CHART)[0]
            self.assertTrue(said["error"])
            self.assertIn("no space left on device", said["html"] + said["text"])
            path = f"/api/contents/notebooks/{START}?token={c.token()}"
            content = json.loads(c.exec("cat", f"{WORK}/{START}").stdout)
            self.assertEqual(c.http(path, "PUT", json.dumps({"type": "notebook", "content": content}))[0], 200, c.logs())
            c.exec("rm", "/tmp/rubbish")
            self.assertEqual(learner(c, HELLO)[0]["text"], "six by nine is 54\n")

    @soak
    def test_a_disk_that_is_full_at_the_start(self):
        """chapters that find no room are named, none is left half written, and the next start brings them"""
        with small_disk("3m") as disk, Container(*disk) as c:
            self.assertRegex(c.logs(), r"could not be put there: No space left on device\. Make room")
            for name in self.names(c):
                if name.endswith(".ipynb"):
                    self.assertEqual(c.exec("cat", f"{WORK}/{name}").stdout, (CONTEXT / "notebooks" / name).read_text(), name)
            run("mount", "-o", "remount,size=40m", disk[1].partition(":")[0])
            with Container(*disk) as again:
                self.assertLessEqual({p.name for p in (CONTEXT / "notebooks").glob("*.ipynb")}, self.names(again))


class Life(Promise):
    def test_a_quiet_start(self):
        """no warning and no error in the log of a normal start and a first page"""
        with Container() as c:
            self.assertEqual(c.http(f"/lab/tree/notebooks/{START}?token={c.token()}")[0], 200)
            learner(c, HELLO)
            self.assertNotRegex(c.logs(), r"(?mi)^\[[EWC] |warning|traceback|error")

    @alone
    def test_sigterm(self):
        """stops in less than 2 s on SIGTERM, idle and in the middle of training"""
        for name in "idle", "training":
            with self.subTest(name):
                print(f"\n{name}:", end=" ")
                self.assertLess(best(lambda: self.stop(name == "training"), 2), 2)

    def stop(self, in_training):
        with Container() as c:
            with training(c) if in_training else contextlib.nullcontext():
                run("podman", "kill", "--signal", "TERM", c.id)
                return c.wait()[1]

    @soak
    def test_a_busy_port(self):
        """a busy port is said in one sentence, and is an error"""
        with Container() as c, Container(network=f"container:{c.id}", wait=False) as second:
            code, _ = second.wait(60)
            self.assertNotEqual(code, 0)
            self.assertIn("port 8888 is busy", second.logs())
            self.assertNotIn("Traceback", second.logs())

    def test_a_killed_kernel(self):
        """a kernel killed in the middle of training comes back, the notebook opens again, and nothing goes on training"""
        with Container() as c:
            with training(c):
                [kernel] = [pid for pid, command in c.processes() if command.startswith("/opt/descent/bin/gonb ")]
                c.exec("sh", "-c", f"kill -9 {kernel}")
                for _ in range(10):  # the guard ends what is left of the kernel before Jupyter starts it again
                    time.sleep(2)
                    again = learner(c, HELLO)[0]
                    if again["text"]:
                        break
                self.assertEqual(again["text"], "six by nine is 54\n")
            self.assertEqual(cells_running(c), [], "the cell of the killed kernel is still running")
            status, said = c.http(f"/api/contents/notebooks/{START}?token={c.token()}")
            sources = [cell["source"] for cell in json.loads(said)["content"]["cells"]]
            course = json.loads((CONTEXT / "notebooks" / START).read_text())["cells"]
            self.assertEqual((status, sources), (200, ["".join(cell["source"]) for cell in course]))

    def test_selftest(self):
        """selftest runs one real cell and prints versions and the state of the caches"""
        said = once(command=["selftest"]).stdout
        for word in ("jupyterlab", "jupyterhub", "go1.26", "v0.11", "build cache", "first cell", "all is well"):
            self.assertIn(word, said)

    def test_completion(self):
        """gopls completes a name in a cell and shows its documentation, with no network"""
        script = """
import jupyter_client.manager
manager, client = jupyter_client.manager.start_new_kernel(kernel_name="gonb", stderr=-3)
client.execute_interactive('import "github.com/descent-go/descent/lib/optim"\\n%%\\noptim.NewAdam()', timeout=120)
for _ in range(5):  # gopls reads all packages first, and the kernel has little patience
    reply = client.complete("%%\\noptim.NewAda", reply=True, timeout=120)["content"]
    if reply["matches"]:
        break
print(reply)
print(client.inspect("%%\\noptim.NewAdam()", 12, reply=True, timeout=120)["content"])
manager.shutdown_kernel(now=True)"""
        said = once(command=["python3", "-c", script]).stdout
        self.assertIn("NewAdaBelief", said)
        self.assertIn("func optim.NewAdam() *optim.Adam", said)

    @soak
    def test_a_widget_that_no_browser_reaches(self):
        """behind a base URL, as behind a hub, a cell with a widget shows its chart, says why it does not move, and comes to its end"""
        base = "http://127.0.0.1:8888/user/x/"
        with Container(command=["--ServerApp.base_url=/user/x/"]) as c:
            [result] = learner(c, WIDGET, url=base)
            self.assertEqual((result["images"], result["error"]), (1, ""))
            self.assertIn("No browser answers", result["text"])
            self.assertLess(result["seconds"], 20)
            self.assertNotRegex(c.logs(), r"(?mi)^\[[EWC] |warning|traceback|error")

    def test_an_old_image_stays_warm(self):
        """the build cache is not trimmed when the image is weeks old"""
        with Container() as c:
            c.exec("sh", "-c", "echo 1 >$1/trim.txt", "sh", "/tmp/descent-1000/go-build")
            self.works(c)
            self.works(c)


class Bill(Promise):
    """What is in the image, and what it needs."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(run("podman", "image", "mount", IMAGE).stdout.strip())

    @classmethod
    def tearDownClass(cls):
        run("podman", "image", "unmount", IMAGE)

    def test_labels(self):
        """the image carries the labels of the OCI, and names its user"""
        labels, settings = config()["Labels"], config()["Config"]
        label = lambda name: labels.get(f"org.opencontainers.image.{name}")
        for name in ("title", "description", "url", "source", "documentation", "licenses", "version", "revision", "created"):
            self.assertTrue(label(name), name)
        self.assertEqual(label("revision"), run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip())
        self.assertEqual((settings["User"], settings["Entrypoint"][0], config()["Healthcheck"]["Test"][-1]), ("1000:0", "tini", "healthcheck"))
        bases = re.findall(r"^FROM (\S+)(?: AS ([\w-]+))?", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        self.assertLessEqual({base for base, _ in bases}, {"${BASE}", "site-${SITE}", *(name for _, name in bases)}, "a stage has another base")

    def test_sources(self):
        """the image is made of the packages of one day; no default names a place that Go's or the base's own default serves"""
        dockerfile = (ROOT / "Dockerfile").read_text()
        self.assertNotRegex(dockerfile + (ROOT / "tools" / "image" / "hub" / "Dockerfile").read_text(), r"https?://(?!github\.com/descent-go|127\.0\.0\.1)|golang\.org|debian\.org")
        day = re.search(r"^ARG SNAPSHOT=(\d{8}T\d{6}Z)$", dockerfile, re.MULTILINE)[1]
        sources = list((self.root / "etc/apt/sources.list.d").iterdir())
        self.assertEqual([s.name for s in sources], ["debian.sources"])
        self.assertFalse((self.root / "etc/apt/sources.list").exists())
        stanzas = [dict(line.split(": ", 1) for line in s.splitlines()) for s in sources[0].read_text().strip().split("\n\n")]
        self.assertEqual([s["Suites"] for s in stanzas], ["trixie trixie-updates trixie-backports", "trixie-security"])
        for s in stanzas:
            self.assertRegex(s["URIs"], rf"//snapshot\.debian\.org/archive/debian(-security)?/{day}$")
            self.assertEqual(s["Check-Valid-Until"], "no")  # such an index is old by nature, and no other may be
        scripts = "".join(p.read_text() for p in (ROOT / "tools" / "image").rglob("*") if p.is_file() and p.parent.name in ("build", "bill", "hub"))
        self.assertEqual(scripts.count("Check-Valid-Until"), 1)

    def test_nothing_of_the_build_machine(self):
        """no secret, no cache of root's and no path of the build machine in the layers"""
        history = json.dumps([h.get("created_by", "") for h in config()["History"]] + [config()["Config"]])
        ways = {engine.mirror(), *run("go", "env", "GOPROXY").stdout.strip().split(","),
                *(v for k, v in os.environ.items() if re.fullmatch(r"(https?|all)_proxy", k, re.IGNORECASE))}
        public = {"", "direct", "off", "http://deb.debian.org/debian", "https://proxy.golang.org"}
        words = {str(ROOT), os.uname().nodename, *ways} - public
        words = [word for word in words if len(word) > 4]  # a shorter name, such as vm, is part of every other file
        for word in words:
            self.assertNotIn(word, history)
        # A path ends there: a checkout in a folder called main is not found in the name of a main.go.
        searched = re.compile(b"|".join(re.escape(word.encode()) + rb"(?![\w.-])" for word in words) or b"(?!)")
        key = re.compile(rb"-----BEGIN (\w+ )?PRIVATE KEY-----\s+[\w+/]{40}")
        secret = re.compile(r".*\.key|id_(rsa|ed25519).*|.*secret.*|\.netrc|\.git-credentials", re.IGNORECASE)
        may_have = {"root": {".bashrc", ".profile"}, "tmp": {"system.sh"}, "home/learner": set(), "var/lib/apt/lists": set(),
                    "run": {"lock", "certificates"}, "var/log/apt": set(), "var/cache/apt": set()}
        files = 0
        for path, content in self.layers():
            folder, _, name = path.rpartition("/")
            deleted = name.startswith(".wh.")
            if not deleted:
                self.assertIn(name, may_have.get(folder, {name}), f"{path} is in a layer")
            if content is None:
                continue
            files += 1
            self.assertTrue(path != "run/certificates" or not content, "the build machine's certificates")
            self.assertIsNone(searched.search(content), path)
            if not path.startswith(("usr/", "opt/descent/mod/")):
                self.assertNotRegex(name, secret, path)
                self.assertIsNone(key.search(content), path)
        self.assertGreater(files, 20_000)

    def layers(self):
        """The path and, for a file, the content of all that the layers above the base have, also of what later ones hide."""
        base = len(json.loads(run("podman", "image", "inspect", engine.BASE).stdout)[0]["RootFS"]["Layers"])
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            run("podman", "save", "--format", "docker-archive", "--output", f"{folder}/image.tar", IMAGE)
            with tarfile.open(f"{folder}/image.tar") as image:
                for name in json.load(image.extractfile("manifest.json"))[0]["Layers"][base:]:
                    with tarfile.open(fileobj=image.extractfile(name)) as layer:
                        for member in layer:
                            yield member.name.strip("/"), layer.extractfile(member).read() if member.isfile() else None

    def test_bill(self):
        """the list of what the image has, in CycloneDX's form, was written by the build, is complete, and has a version and a licence for each"""
        bom = json.loads((self.root / "opt/descent/bom.cdx.json").read_text())
        self.assertEqual((bom["bomFormat"], bom["specVersion"]), ("CycloneDX", "1.6"))
        self.assertEqual({t["name"] for t in bom["metadata"]["tools"]["components"]}, {"debsbom", "cyclonedx-gomod"})
        listed = {}
        for c in bom["components"]:
            self.assertTrue(c["version"] and c["licenses"], c)
            listed[c.get("purl", "data").partition("/")[0], c["name"]] = c["version"]
        versions = lambda kind: {(name, version) for (k, name), version in listed.items() if k == kind}
        known = run("dpkg-query", "--admindir", self.root / "var/lib/dpkg", "-W", "-f", "${Package}\t${Version}\n").stdout.splitlines()
        self.assertLessEqual({tuple(line.split("\t")) for line in known}, versions("pkg:deb"))
        self.assertLessEqual({"jupyterlab", "jupyterhub", "golang-1.26-go"}, {name for name, _ in versions("pkg:deb")})
        modules = self.root / "opt/descent/mod"
        folders = [p.relative_to(modules) for p in modules.glob("**/*@*") if p.is_dir() and p.relative_to(modules).parts[0] != "cache"]
        plain = lambda path: re.sub(r"!(.)", lambda m: m.group(1).upper(), str(path))  # '!x' is how Go writes X
        on_disk = {tuple(plain(f).rsplit("@", 1)) for f in folders if "@" not in str(f.parent)}
        self.assertGreater(len(on_disk), 10)
        golang = {(c["name"], c["version"]) for c in bom["components"] if c.get("purl", "").startswith("pkg:golang")}
        self.assertLessEqual(on_disk, golang)
        for tool in ("guard", "standin", "gonb", "goimports", "gopls"):
            linked = re.findall(r"^\t(?:mod|dep)\t(\S+)\t(\S+)", run("go", "version", "-m", self.root / "opt/descent/bin" / tool).stdout, re.MULTILINE)
            self.assertTrue(linked, tool)
            others = {m for m in linked if not m[0].startswith("github.com/descent-go/descent")}
            self.assertLessEqual(others, golang, tool)
        data = {p.name for p in (CONTEXT / "datasets" / "data").glob("*.gz")}
        self.assertLessEqual(data, {name for name, _ in versions("data")})
        rows = [line.split("\t") for line in once(command=["cat", "/opt/descent/packages.tsv"]).stdout.splitlines()]
        self.assertEqual(len(rows), len(bom["components"]))
        for row in rows:
            self.assertTrue(len(row) == 4 and all(row), row)

    def test_size(self):
        """the image has at most 1.2 GB, unpacked"""
        for line in run("podman", "history", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", IMAGE).stdout.splitlines():
            if re.match(r"[\d.]+ [MG]B", line):
                print(line[:100])
        size = config()["Size"]
        print(f"{size / MB:8.0f} MB  in all")
        self.assertLessEqual(size, 1200 * MB)

    @alone
    def test_cold_start(self):
        """from run to the first chart, cold, at most 10 s"""
        self.assertLessEqual(best(self.first_chart, 10), 10)

    def first_chart(self):
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
        begin = time.monotonic()
        with Container() as c:
            print(f"server up after {time.monotonic() - begin:.1f} s, first chart after", end=" ")
            [result] = learner(c, CHART)
            self.assertEqual((result["images"], result["error"]), (1, ""))
            return time.monotonic() - begin


class Peak(threading.Thread):
    """The most memory that a container's processes and its /tmp have taken together, and their seconds on a processor."""

    def __init__(self, container):
        super().__init__(daemon=True)
        path, root = container.inspect("{{.State.CgroupPath}}"), pathlib.Path("/sys/fs/cgroup")
        self.v2 = (root / "cgroup.controllers").exists()
        self.memory = pathlib.Path(f"{root}{path}" if self.v2 else f"{root}/memory{path}", "memory.stat")
        self.cpu = pathlib.Path(f"{root}{path}/cpu.stat" if self.v2 else f"{root}/cpuacct{path}/cpuacct.usage")
        self.bytes, self.over = 0, threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            try:
                stat = dict(line.split() for line in self.memory.read_text().splitlines())
            except OSError:
                return
            names = ("anon", "shmem") if self.v2 else ("total_rss", "total_shmem")
            self.bytes = max(self.bytes, sum(int(stat[name]) for name in names))

    def seconds(self):
        said = self.cpu.read_text().split()
        return int(said[1]) / 1e6 if self.v2 else int(said[0]) / 1e9


installing = threading.Lock()


@functools.cache
def chromium():
    """Makes sure of a browser, and of what drives it, once."""
    path = run("sh", ROOT / "tools" / "lab" / "chromium.sh").stdout.strip()
    (STATE / "home").mkdir(exist_ok=True)
    shutil.copy(HERE / "login.mjs", ROOT / ".lab" / "browser")  # beside what drives the browser
    return path


def browse(container, script, address, *arguments):
    """Runs one of the scripts that use a browser, in the container's network; what it said."""
    home = STATE / "home"
    with installing:
        browser = chromium()
    done = container.inside("node", ROOT / ".lab" / "browser" / script, address, browser, STATE / "shots", *arguments,
                            cwd=CONTEXT, check=False, timeout=1200,
                            env={**os.environ, "HOME": str(home), "XDG_CACHE_HOME": f"{home}/.cache", "XDG_CONFIG_HOME": f"{home}/.config"})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr + container.logs())
    return done.stdout


class Site(Promise):
    def test_site_without_a_token(self):
        """the course's site is served without a token, with its types, under a base URL as well; nothing else is"""
        for command, base in ([], "/"), (["--ServerApp.base_url=/class/"], "/class/"):
            with Container(*LOCKED, command=command) as c:
                self.assertIn(f"http://127.0.0.1:8888{base}course/\n", c.logs())
                types = {"": "text/html", "index.html": "text/html", "sw.js": "text/javascript", "manifest.webmanifest": "application/manifest+json",
                         "engine/engine.js": "text/javascript", "engine/index.json": "application/json", "playground.wasm.gz": "application/gzip",
                         "04-linear-and-logistic-regression.html": "text/html", "icon.svg": "image/svg+xml"}
                for name, kind in types.items():
                    head = c.inside("curl", "--silent", "--head", f"http://127.0.0.1:8888{base}course/{name}").stdout
                    self.assertRegex(head, rf"(?ism)^HTTP/1.1 200 .*^content-type: {re.escape(kind)}[;\s]", name)
                status, page = c.http(f"{base}course/04-linear-and-logistic-regression.html")
                self.assertIn('name="engine"', page)
                self.assertEqual(c.http(f"{base}course")[0], 301)
                for outside in ("nothing.html", "%2e%2e/bom.cdx.json", "../packages.tsv", "engine/"):
                    self.assertIn(c.http(f"{base}course/{outside}")[0], (403, 404), outside)
                self.assertEqual(c.http(f"{base}api/contents")[0], 403)
                files = c.exec("find", "/opt/descent/site", "-not", "-user", "0", "-o", "-perm", "/022", "-not", "-type", "l").stdout
                self.assertEqual(files, "", "what is served can be written to")

    def test_site_in_the_browser(self):
        """a browser runs and changes a cell in the site that the image serves, with no token and no kernel"""
        with Container(*LOCKED) as c:
            done = self.reader(c)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("FAIL", done.stdout)
            self.assertEqual(json.loads(c.http(f"/api/kernels?token={c.token()}")[1]), [])

    def reader(self, c):
        """The browsers' test of a newcomer, at an address, in the container's network."""
        browser = run("sh", ROOT / "tools/lab/chromium.sh").stdout.strip()
        with tempfile.TemporaryDirectory(dir=STATE) as home:
            served = pathlib.Path(home, "site")
            run("podman", "cp", f"{c.id}:/opt/descent/site", served)
            return c.inside("node", ROOT / ".lab/browser/newcomer.mjs", served, ROOT, browser, STATE / "shots", "http://127.0.0.1:8888/course/",
                            check=False, env={**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home})


class Browser(Promise):
    @alone
    @soak
    def test_a_learner_in_a_browser(self):
        """a browser logs in, opens two chapters, runs them and sees their charts, answers, stops and moves, in at most 700 MB of memory"""
        settings = STATE / "settings" / "@jupyterlab" / "notebook-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # else only the cells in view are drawn
        chapter = next(p.name for p in sorted((CONTEXT / "notebooks").glob("04*.ipynb")))
        options = ["--volume", f"{STATE}/settings:/settings:ro", "--env", "JUPYTERLAB_SETTINGS_DIR=/settings"]
        with Volume() as v, Container(*LOCKED, *v.mount(), *options) as c:
            peak = Peak(c)
            peak.start()
            address = f"http://127.0.0.1:8888/lab/tree/notebooks/{START}?token={c.token()}"
            print(browse(c, "lab.mjs", address, f"notebooks/{START}", f"notebooks/{chapter}"), browse(c, "learner.mjs", address))
            peak.over.set()
            self.assertNotRegex(c.logs(), r"(?m)^\[[EWC] ")
            print(f"most memory: {peak.bytes / MB:.0f} MB, on a processor: {peak.seconds():.0f} s", end=" ")
            self.assertGreater(peak.bytes, 50 * MB)
            self.assertLessEqual(peak.bytes, 700 * MB)
            guarantee = re.search(r"guarantee: (\d+)M", (ROOT / "tools" / "image" / "hub" / "values.yaml").read_text()).group(1)
            self.assertLessEqual(peak.bytes, int(guarantee) * MB, "values.yaml guarantees a learner less than was measured")

    def test_a_password_in_a_browser(self):
        """a browser logs in with a password, not with another one, and sees a chart; nothing is asked of another host"""
        with Container("--env", "DESCENT_AUTH=password", "--env", "DESCENT_PASSWORD=open sesame") as c:
            self.assertIn("a chart appeared", browse(c, "login.mjs", "http://127.0.0.1:8888/", "open sesame"))


if __name__ == "__main__":
    unittest.main()
