"""The hub for one machine, and what a hub elsewhere starts."""
import contextlib
import functools
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import engine
from engine import CONTEXT, IMAGE, ROOT, STATE, Container, once, run
from image_test import CHART, ENDLESS, HELLO, HERE, START, WORK, Promise, Volume, browse, cells_running, soak

HUB = "descent-hub:test"


def setUpModule():
    engine.prepare()
    make_hub()


@functools.cache
def make_hub():
    engine.make(CONTEXT / "tools" / "image" / "hub", HUB, "--build-arg", f"IMAGE=localhost/{IMAGE}")


# What docs/image.md says the hub is started with.
APART = ["--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"]
LEARNERS = {"alice": "wonderland", "bob": "the-builder"}
MARK = "mark-of-alice"
# What alice leaves where bob could find it: files, arguments, environment, a socket, and a cell that does not end.
MARKS = f"""!echo {MARK} >~/secret.txt; chmod 644 ~/secret.txt
!echo {MARK} >/tmp/secret.txt; chmod 644 /tmp/secret.txt
!MARK={MARK} setsid python3 -c "import os, socket, time; s = socket.socket(socket.AF_UNIX); s.bind('/tmp/socket'); os.chmod('/tmp/socket', 0o777); s.listen(); time.sleep(900)" {MARK} >/dev/null 2>&1 &
!sleep 1; echo marked"""
HUNGRY = """
import subprocess, sys
eater = "import time; b = bytearray(500 << 20); b[::4096] = b'1' * len(b[::4096]); time.sleep(3); print('fed')"
for p in [subprocess.Popen([sys.executable, "-c", eater], stderr=subprocess.DEVNULL) for _ in range(3)]:
    p.wait()
"""
FORKS = """
import subprocess
sleeps = []
try:
    while len(sleeps) < 3000:
        sleeps.append(subprocess.Popen(["sleep", "30"]))
except BlockingIOError:
    pass
for s in sleeps:
    s.kill()
print("forks:", len(sleeps))
"""


class Classroom:
    """A hub that runs, with volumes for its state and the homes."""

    def __init__(self, *options, learners=LEARNERS, volumes=None):
        self.volumes = volumes or (Volume(), Volume())
        self.kept = volumes is not None
        self.options, self.learners = options, learners

    def __enter__(self):
        if not self.kept:
            for v in self.volumes:
                v.__enter__()
        self.state, homes = self.volumes
        lines = "".join(f"{name}:{password}\n" for name, password in self.learners.items())
        once("--interactive", *self.state.mount("/srv/hub"), command=["learner"], image=HUB, input=lines)
        self.c = Container(*self.options, *self.state.mount("/srv/hub"), *homes.mount("/home"), "--env", "DESCENT_MEMORY=1G",
                           "--env", "DESCENT_PROCESSES=500", "--env", "DESCENT_TEACHERS=carol", image=HUB, wait=False)
        for _ in range(300):
            if self.c.http("/hub/health", base="http://127.0.0.1:8000")[0] == 200:
                return self
            if not self.c.running():
                break
            time.sleep(0.2)
        raise AssertionError(self.c.logs())

    def __exit__(self, *error):
        self.c.__exit__(*error)
        if not self.kept:
            for v in self.volumes:
                v.__exit__(*error)

    def login(self, name, *paths, password=None):
        """What the hub answers a browser for these paths; a token for 'token'."""
        done = self.c.inside("python3", HERE / "hub_login.py", name, *paths, input=password or self.learners[name])
        return json.loads(done.stdout)

    def ask(self, name, token, path, method="GET", data=None):
        return self.c.http(f"/user/{name}/{path}", method, data, [f"Authorization: token {token}"], base="http://127.0.0.1:8000")

    def script(self, name, token, text, arguments=""):
        """Runs a Python script from a cell of the learner's."""
        status, said = self.ask(name, token, "api/contents/script.py", "PUT", json.dumps({"type": "file", "format": "text", "content": text}))
        assert status in (200, 201), said
        done = self.cells(name, token, f"!python3 ~/script.py {arguments}")[0]
        return done["text"] + done["html"] + done["error"]

    def command(self, name, token, cells):
        return ["podman", "exec", "-i", self.c.id, "python3", "-", f"http://127.0.0.1:8000/user/{name}/", token, f"notebooks/{START}",
                json.dumps(cells)]

    def cells(self, name, token, *cells):
        """Runs cells in the learner's own server, as the browser does."""
        return json.loads(run(*self.command(name, token, cells), input=(HERE / "learner.py").read_text()).stdout)

    @contextlib.contextmanager
    def training(self, name, token):
        """While a cell of this learner trains; yields the id of its kernel and whether it still trains."""
        with open(HERE / "learner.py") as script, subprocess.Popen(self.command(name, token, [HELLO, ENDLESS]), stdin=script,
                                                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as busy:
            try:
                for _ in range(150):
                    if cells_running(self.c):
                        break
                    time.sleep(0.2)
                kernel = json.loads(self.ask(name, token, "api/kernels")[1])[0]["id"]
                yield kernel, lambda: busy.poll() is None and len(cells_running(self.c)) >= 1
            finally:
                busy.kill()

    def restarted(self, name):
        """What a cell says after the learner has stopped the server and logged in again."""
        self.c.http(f"/hub/api/users/{name}/server", "DELETE", None, [f"Authorization: token {self.login(name, 'token')[0]}"],
                    base="http://127.0.0.1:8000")
        for _ in range(100):
            if not [command for _, command in self.c.processes() if f"jupyterhub-singleuser --ServerApp.root_dir=/home/{name}" in command]:
                break
            time.sleep(0.2)
        return self.cells(name, self.login(name, "token")[0], HELLO)[0]["text"]

    def attack(self):
        """What bob finds of alice, from a cell of his, while she works; and whether she still trains after that."""
        alice, bob = (self.login(name, "token")[0] for name in ("alice", "bob"))
        assert "marked" in self.cells("alice", alice, MARKS)[0]["text"]
        uid = self.c.exec("stat", "-c", "%u", "/home/alice").stdout.strip()
        with self.training("alice", alice) as (kernel, trains):
            said = self.script("bob", bob, (HERE / "neighbour.py").read_text(), f"alice {uid} 'http://127.0.0.1:8000#{bob}' {kernel} {MARK}")
            time.sleep(1)
            assert '"found"' in said, said
            return json.loads(said[said.index('{"found"'):].splitlines()[0]), trains()


class Hub(Promise):
    def test_two_learners(self):
        """two learners under JupyterHub work at the same time, cannot enter each other's servers, and have their work after a restart"""
        with Volume() as state, Volume() as homes:
            with Classroom(*APART, volumes=(state, homes)) as hub:
                self.assertRegex(hub.c.logs(), "each learner has a private view")
                contents = "/user/{}/api/contents/notebooks/" + START
                mine, theirs = contents.format("alice"), contents.format("bob")
                self.assertEqual(hub.login("alice", mine, theirs), [200, 404])  # bob's server does not run yet
                self.assertEqual(hub.login("bob", theirs, mine), [200, 403])
                self.assertEqual(hub.login("alice", mine, theirs, "/hub/admin"), [200, 403, 403])
                self.assertEqual(hub.login("alice", password=LEARNERS["bob"]), "refused")
                self.assertEqual(hub.login("mallory", password=LEARNERS["alice"]), "refused")
                self.assertEqual(hub.login("root", password="no-password"), "refused")
                token = hub.login("bob", "token")[0]
                self.assertEqual(hub.cells("bob", token, HELLO, CHART)[1]["images"], 1)
                hub.cells("bob", token, "!echo mine >~/notebooks/mine.txt")
                servers = [f"/proc/{pid}" for pid, command in hub.c.processes() if "bin/jupyterhub-singleuser" in command]
                owners = hub.c.exec("stat", "-c", "%u", *servers).stdout.split()
                self.assertEqual(sorted(set(owners)), ["2000", "2001"])
                self.assertEqual(hub.c.exec("stat", "-c", "%u %a", "/home/alice", "/home/bob", "/srv/hub").stdout.split("\n")[:3],
                                 ["2000 700", "2001 700", "0 700"])
                # Who is taken out is out, and who is added is in, with no restart.
                once(*state.mount("/srv/hub"), command=["learner", "--remove", "alice"], image=HUB)
                self.assertEqual(hub.login("alice"), "refused")
            more = {"carol": "sings-well", "bob": "the-builder", "alice": "wonderland"}
            with Classroom(*APART, volumes=(state, homes), learners=more) as hub:
                self.assertEqual(hub.login("bob", "/user/bob/api/contents/notebooks/mine.txt"), [200])
                self.assertEqual(hub.login("carol", "/user/carol/api/contents/notebooks/" + START, "/hub/admin"), [200, 200])
                self.assertIn("a chart appeared", browse(hub.c, "login.mjs", "http://127.0.0.1:8000/", "the-builder", "bob"))
                self.assertEqual(hub.c.exec("stat", "-c", "%u", "/home/alice", "/home/bob", "/home/carol").stdout.split(), ["2000", "2001", "2002"])

    def test_a_neighbour(self):
        """from a cell, a learner finds no name, hash, file, process, argument, environment or socket of another, and presses no stop of theirs"""
        with Classroom(*APART) as hub:
            said, trains = hub.attack()
            self.assertEqual({what: found for what, found in said["found"].items() if found}, {})
            self.assertTrue(trains, "the other's cell was stopped")
            self.assertGreater(len(said["made"]), 1)  # in the neighbour's own /tmp
            self.assertEqual(hub.restarted("alice"), "six by nine is 54\n")  # nobody is locked out by it

    @soak
    def test_limits(self):
        """a learner who takes all memory or starts processes without end is stopped, and the others work on"""
        with Classroom(*APART) as hub:
            alice, bob = (hub.login(name, "token")[0] for name in ("alice", "bob"))
            hub.cells("alice", alice, HELLO)
            fed = hub.script("bob", bob, HUNGRY).count("fed")
            self.assertLess(fed, 3, "1500 MB were had where 1 GB is allowed")
            forks = int(re.search(r"forks: (\d+)", hub.script("bob", bob, FORKS))[1])
            self.assertTrue(50 < forks < 500, forks)
            self.assertEqual(hub.cells("alice", alice, HELLO)[0]["text"], "six by nine is 54\n")
            self.assertEqual(hub.cells("bob", bob, HELLO)[0]["text"], "six by nine is 54\n")

    @soak
    def test_where_nothing_can_be_kept_apart(self):
        """a container that may not make namespaces says so, and keeps apart what the system's accounts do"""
        with Classroom() as hub:
            self.assertIn("LEARNERS ARE NOT KEPT APART", hub.c.logs())
            self.assertIn("--cap-add SYS_ADMIN", hub.c.logs())
            self.assertIn("A LEARNER'S MEMORY IS NOT LIMITED", hub.c.logs())
            said, trains = hub.attack()
            self.assertTrue(trains, "the other's cell was stopped")
            seen = {what for what, found in said["found"].items() if found}
            # What docs/security.md says is seen there, and nothing else.
            self.assertEqual(seen, {"names, hashes or files of the other", "processes", "arguments and environment", "Unix sockets that answer"})
            self.assertEqual(set(said["found"]["names, hashes or files of the other"]) & {"/home/alice", "/srv/hub"}, set())
            self.assertNotRegex(json.dumps(said["found"]["names, hashes or files of the other"]), "/home|/srv|/etc|/run")
            self.assertNotRegex(json.dumps(said["found"]["arguments and environment"]), "environ|maps")
            self.assertEqual(hub.restarted("alice"), "six by nine is 54\n")

    def test_the_file_of_the_learners(self):
        """the hub refuses a file of learners that others could read, or that has passwords, in one sentence; only hashes are kept"""
        with Volume() as state:
            mount = state.mount("/srv/hub")

            def refused(change=None):
                if change:
                    once(*mount, command=["sh", "-c", change], image=HUB)
                return self.ends(*mount, image=HUB)
            self.assertIn("learners is not there: add the first learner", refused())
            once("--interactive", *mount, command=["learner"], image=HUB, input="alice:wonderland\nbob:the-builder\n")
            kept = once(*mount, command=["sh", "-c", "stat -c '%a %u' /srv/hub/learners; cat /srv/hub/learners"], image=HUB).stdout
            self.assertRegex(kept, r"^600 0\nalice:scrypt:32768:8:1:\S+\nbob:scrypt:\S+\n$")
            self.assertNotRegex(kept, "wonderland|builder")
            for mode in ("644", "640", "660", "400", "700"):
                self.assertIn("Make it 0600 and root's", refused(f"chmod {mode} /srv/hub/learners"))
            self.assertIn("belongs to the user 1000", refused("chmod 600 /srv/hub/learners; chown 1000 /srv/hub/learners"))
            self.assertIn("line 3 of", refused("chown 0 /srv/hub/learners; echo mallory:plain >>/srv/hub/learners"))
            self.assertIn("passwords in plain text", refused("echo carol:sings-well >/srv/hub/class.txt"))

    @soak
    def test_the_command_that_asks(self):
        """the command 'learner' asks a terminal twice, takes lists, and says what is wrong with which line; passwords are no arguments"""
        with Volume() as state:
            mount = state.mount("/srv/hub")

            def learner(*arguments, input=None, check=False):
                return once(*(["--interactive"] if input is not None else []), *mount, command=["learner", *arguments], image=HUB,
                            check=check, input=input)
            self.assertIn("line 2: it is not 'name:password'", learner(input="alice:wonderland\nbob\n").stderr)
            self.assertIn("line 1: the password of alice is too short", learner(input="alice:short\n").stderr)
            self.assertIn("line 1: '../x' cannot be a name", learner(input="../x:wonderland\n").stderr)
            self.assertIn("no terminal to ask", learner("alice").stderr)
            self.assertIn("there is no learner 'alice'", learner("--remove", "alice").stderr)
            typed = ["podman", "run", "--rm", "--interactive", "--tty", "--network", "none", *mount, HUB, "learner", "alice"]
            said = terminal(typed, ["short\n", "wonderland\n", "wonderlan\n", "wonderland\n", "wonderland\n"])
            for words in ("password of alice", "too short", "the two differ", "1 learners may enter"):
                self.assertIn(words, said)
            self.assertNotIn("wonderland", said)
            learner(input="bob:the-builder\n", check=True)
            self.assertEqual(learner("--list").stdout, "alice\nbob\n")


def terminal(command, typed):
    """Runs a command in a terminal and types a line at each question; what it said."""
    main, other = pty.openpty()
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=other, start_new_session=True) as process:
        os.close(other)
        said = b""
        try:
            while data := os.read(main, 1000):
                said += data
                if typed and said.endswith(b": "):
                    os.write(main, typed.pop(0).encode())
        except OSError:
            pass  # the other end was closed
        process.wait(60)
    return said.decode()


class Elsewhere(Promise):
    @soak
    def test_kubernetes(self):
        """what Zero to JupyterHub starts with our values works within its limits: the image's own command, uid, fsGroup, volume"""
        values = yaml(ROOT / "tools" / "image" / "hub" / "values.yaml")["singleuser"]
        self.assertIsNone(values["cmd"])
        self.assertNotIn(values["image"]["tag"], ("", "latest"), "what runs would change by itself")
        self.assertEqual(values["storage"]["homeMountPath"], WORK)
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            os.chown(folder, 0, values["fsGid"])  # as Kubernetes gives a volume with fsGroup
            os.chmod(folder, 0o2775)
            with Container("--user", f"{values['uid']}:0", "--group-add", str(values["fsGid"]), "--cap-drop", "ALL",
                           "--volume", f"{folder}:{WORK}", "--env", f"GOMAXPROCS={values['extraEnv']['GOMAXPROCS']}",
                           "--memory", values["memory"]["limit"], "--cpus", str(values["cpu"]["limit"])) as c:
                self.works(c)
                self.assertTrue(pathlib.Path(folder, START).exists())

    def test_binder(self):
        """Binder's command works: python3 -c … execs jupyter-lab with its own token, base URL and old option names"""
        command = ["python3", "-c", "import os, sys; os.execvp('jupyter-lab', ['jupyter-lab', *sys.argv[1:]])",
                   "--ip=0.0.0.0", "--port=8888", "--NotebookApp.base_url=/user/x/", "--NotebookApp.token=binder",
                   "--NotebookApp.trust_xheaders=True", "--NotebookApp.allow_origin=*"]
        with Container(command=command) as c:
            base = "http://127.0.0.1:8888/user/x"
            self.assertEqual(c.http(f"/api/contents/{START}", base=base)[0], 403)
            self.assertEqual(c.http(f"/api/contents?token=binder", base=base)[0], 200)
            self.works(c)

    @soak
    def test_compose(self):
        """compose.yaml's settings work, and a second start has the same work"""
        service = yaml(ROOT / "tools" / "image" / "compose.yaml")["services"]["descent"]
        self.assertLessEqual(set(service), {"build", "image", "ports", "volumes", "read_only", "tmpfs", "cap_drop", "security_opt", "mem_limit",
                                            "pids_limit"}, "a setting that this test does not try")
        self.assertEqual((ROOT / "tools" / "image" / service["build"]).resolve(), ROOT)
        [(volume, where)] = [v.split(":") for v in service["volumes"]]
        [tmpfs] = service["tmpfs"]
        [port] = service["ports"]
        self.assertTrue(port.startswith("127.0.0.1:") and port.endswith(":8888"), "reachable from other machines")
        options = ["--tmpfs", tmpfs, "--memory", service["mem_limit"], "--pids-limit", str(service["pids_limit"])]
        options += ["--read-only"] * service["read_only"] + [o for cap in service["cap_drop"] for o in ("--cap-drop", cap)]
        options += [o for s in service["security_opt"] for o in ("--security-opt", s)]
        with Volume() as v:
            for start in range(2):
                with Container(*options, *v.mount(where)) as c:
                    self.works(c)
                    self.assertEqual(c.exec("ls", "mine.txt", check=False).returncode == 0, start == 1)
                    c.exec("touch", "mine.txt")

    @soak
    def test_dev_container(self):
        """the dev container's command serves the checkout that is mounted, as its user"""
        settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
        self.assertTrue((ROOT / ".devcontainer" / settings["build"]["dockerfile"]).resolve().samefile(ROOT / "Dockerfile"))
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            checkout = pathlib.Path(folder, "descent")
            shutil.copytree(CONTEXT, checkout)
            run("chown", "-R", "1000:1000", folder)
            os.chmod(folder, 0o755)
            env = settings["containerEnv"]["DESCENT_WORK"].replace("${containerWorkspaceFolder}", "/workspaces/descent")
            # The editor keeps the container alive itself, and runs its command inside.
            with Container("--volume", f"{checkout}:/workspaces/descent", "--env", f"DESCENT_WORK={env}", "--user", settings["remoteUser"],
                           command=settings["postAttachCommand"].split()[1:]) as c:
                self.works(c)
                self.assertEqual(c.http(f"/api/contents/go.mod?token={c.token()}")[0], 200)
            self.assertFalse([p for p in checkout.iterdir() if p.is_symlink()])

    def test_readme(self):
        """the README's Docker section is three lines, and they are these"""
        section = (ROOT / "README.md").read_text().split("## The course in a container")[1].split("```")[1].strip().splitlines()[1:]
        self.assertLessEqual(len(section), 3)
        command = re.sub(r"\s+#.*", "", section[-1]).split()
        self.assertEqual(command[:2], ["docker", "run"])
        options = [o for o in command[2:-1] if o not in ("--rm", "-it", "-p", "127.0.0.1:8888:8888")]
        with Container(*options) as c:
            self.works(c)
            run("podman", "rm", "--force", c.id)
        run("podman", "volume", "rm", "--force", "descent")


def yaml(path):
    """As the container's Python reads it, which has a parser."""
    script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"
    return json.loads(engine.once("--interactive", command=["python3", "-c", script], input=path.read_text()).stdout)


if __name__ == "__main__":
    unittest.main()
