"""The hub for one machine, and what a hub elsewhere starts."""
import json
import os
import pathlib
import re
import shutil
import tempfile
import time
import unittest

import engine
from engine import CONTEXT, IMAGE, ROOT, STATE, Container, run
from image_test import HERE, START, WORK, Promise, Volume, browse

HUB = "descent-hub:test"


def setUpModule():
    engine.prepare()
    engine.make(CONTEXT / "image" / "hub", HUB, "--build-arg", f"IMAGE=localhost/{IMAGE}")


class Hub(Promise):
    def login(self, c, name, password, *paths):
        return json.loads(c.inside("python3", HERE / "hub_login.py", name, password, *paths).stdout)

    def test_two_learners(self):
        """two learners under JupyterHub work at the same time and cannot read each other's files, also after a restart"""
        with tempfile.TemporaryDirectory(dir=STATE) as folder, Volume() as homes:
            srv = pathlib.Path(folder)
            (srv / "class.txt").write_text("alice:wonderland\nbob:builder\n")
            options = ["--volume", f"{srv}:/srv/hub", *homes.mount("/home"), "--env", "DESCENT_TEACHERS=carol"]

            def hub():
                c = Container(*options, image=HUB, wait=False)
                for _ in range(300):
                    if c.http("/hub/health", base="http://127.0.0.1:8000")[0] == 200:
                        return c
                    time.sleep(0.2)
                self.fail(c.logs())

            with hub() as c:
                contents = "/user/{}/api/contents/notebooks/" + START
                mine, theirs = contents.format("alice"), contents.format("bob")
                self.assertEqual(self.login(c, "alice", "wonderland", mine, theirs), [200, 404])  # bob's server does not run yet
                self.assertEqual(self.login(c, "bob", "builder", theirs, mine), [200, 403])
                self.assertEqual(self.login(c, "alice", "wonderland", mine, theirs), [200, 403])
                self.assertEqual(self.login(c, "alice", "builder"), "refused")
                self.assertEqual(self.login(c, "mallory", "wonderland"), "refused")
                for name in ("alice", "bob"):
                    other = {"alice": "bob", "bob": "alice"}[name]
                    asked = c.exec("ls", f"/home/{other}", options=["--user", name], check=False)
                    self.assertIn("Permission denied", asked.stderr)
                    asked = c.exec("sh", "-c", f"ls /tmp/descent-$(id -u {other})", options=["--user", name], check=False)
                    self.assertIn("Permission denied", asked.stderr)
                    done = c.exec("selftest", options=["--user", name, "--env", f"HOME=/home/{name}",
                                                       "--env", f"DESCENT_WORK=/home/{name}/notebooks"])
                    self.assertIn("all is well", done.stdout)
                servers = [f"/proc/{pid}" for pid, command in c.processes() if "jupyterhub-singleuser" in command]
                self.assertEqual(set(c.exec("stat", "-c", "%U", *servers).stdout.split()), {"alice", "bob"})
                owners = c.exec("stat", "-c", "%U %a", "/home/alice", "/home/bob").stdout.split("\n")
                self.assertEqual(owners[:2], ["alice 700", "bob 700"])
                c.exec("sh", "-c", f"echo mine >/home/bob/notebooks/mine.txt && chown bob: /home/bob/notebooks/mine.txt")
            (srv / "class.txt").write_text("carol:sings\nbob:builder\nalice:wonderland\n")
            with hub() as c:
                self.assertEqual(self.login(c, "bob", "builder", "/user/bob/api/contents/notebooks/mine.txt"), [200])
                self.assertEqual(self.login(c, "carol", "sings", "/user/carol/api/contents/notebooks/" + START, "/hub/admin"), [200, 200])
                self.assertEqual(self.login(c, "alice", "wonderland", "/hub/admin"), [403])
                self.assertIn("a chart appeared", browse(c, "login.mjs", "http://127.0.0.1:8000/", "builder", "bob"))
                owners = c.exec("stat", "-c", "%U", "/home/alice", "/home/bob", "/home/carol").stdout.split()
                self.assertEqual(owners, ["alice", "bob", "carol"])

    def test_a_class_that_cannot_be_read(self):
        """a mistake in the list of the class is said with its line"""
        for name, text, said in [("none", None, "class.txt is not there"), ("no password", "alice:x\nbob\n", "line 2"),
                                 ("root", "root:x\n", "account of the system")]:
            with self.subTest(name), tempfile.TemporaryDirectory(dir=STATE) as folder:
                if text:
                    pathlib.Path(folder, "class.txt").write_text(text)
                with Container("--volume", f"{folder}:/srv/hub", image=HUB, wait=False) as c:
                    self.assertNotEqual(c.wait(60)[0], 0)
                    self.assertIn(said, c.logs())
                    self.assertNotIn("Traceback", c.logs())


class Elsewhere(Promise):
    def test_kubernetes(self):
        """what Zero to JupyterHub starts with our values works within its limits: the image's own command, uid, fsGroup, volume"""
        values = yaml(ROOT / "image" / "hub" / "values.yaml")["singleuser"]
        self.assertIsNone(values["cmd"])
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

    def test_compose(self):
        """compose.yaml's settings work, and a second start has the same work"""
        service = yaml(ROOT / "compose.yaml")["services"]["descent"]
        self.assertLessEqual(set(service), {"build", "image", "ports", "volumes", "read_only", "tmpfs", "cap_drop", "security_opt", "mem_limit",
                                            "pids_limit"}, "a setting that this test does not try")
        self.assertEqual(service["build"], ".")
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
