"""Builds the image and runs containers of it with podman, without a daemon and without what this
machine has pulled: storage, configuration and the base all lie in .lab/image.

The base is made by mmdebstrap, as debian:trixie-slim is made, so that no registry of images is needed.
What the machine needs to reach packages (mirrors, certificates, proxies) comes from its own
configuration, as build arguments and mounts that leave no trace in the image.
"""
import atexit
import functools
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
STATE = ROOT / ".lab" / "image"
CONTEXT = STATE / "context"  # what the image is built from
BASE = "docker.io/library/debian:trixie-slim"
IMAGE = "descent:test"
TOOLS = {"podman": "podman", "runc": "runc", "conmon": "conmon", "mmdebstrap": "mmdebstrap", "nsenter": "util-linux",
         "curl": "curl", "openssl": "openssl"}
CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def run(*command, check=True, timeout=600, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done


def install():
    path = os.environ["PATH"] + ":/usr/sbin:/usr/libexec/podman"
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool, path=path)]
    if missing:
        print("image: installing " + " ".join(missing), flush=True)
        run("apt-get", "update", check=False)
        run("apt-get", "install", "-y", "--no-install-recommends", *missing, stdin=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def overlay_works():
    """Can layers be mounted over each other here? Else each of them is a copy."""
    with tempfile.TemporaryDirectory(dir=STATE) as folder:
        for name in ("lower", "upper", "work", "merged"):
            pathlib.Path(folder, name).mkdir()
        options = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
        works = run("mount", "-t", "overlay", "overlay", "-o", options, f"{folder}/merged", check=False).returncode == 0
        if works:
            run("umount", f"{folder}/merged")
    return works


def configure():
    """Podman's configuration: this storage, runc, no more open files than this account may have."""
    STATE.mkdir(parents=True, exist_ok=True)
    driver = "overlay" if overlay_works() else "vfs"
    (STATE / "storage.conf").write_text(f'[storage]\ndriver = "{driver}"\ngraphroot = "{STATE}/storage"\nrunroot = "{STATE}/run"\n')
    files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16384)
    (STATE / "containers.conf").write_text(
        f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc=8192:8192"]\n'
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
    os.environ["CONTAINERS_STORAGE_CONF"] = str(STATE / "storage.conf")
    os.environ["CONTAINERS_CONF"] = str(STATE / "containers.conf")


def clean():
    """Ends what this run or one before it has left behind: containers, volumes, mounts. Layers stay, for the next build."""
    run("podman", "rm", "--all", "--force", "--time", "0", check=False)
    run("podman", "volume", "prune", "--force", check=False)
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed([p for p in points if p.startswith(f"{STATE}/")]):
        run("umount", "--lazy", point, check=False)


def leave_nothing_behind():
    """Now, and however this run ends; only SIGKILL is left to the next one."""
    clean()
    atexit.register(clean)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def mirror():
    """The Debian mirror that this machine's apt uses."""
    targets = run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", check=False).stdout.split("\n")
    sites = [line.split()[0] for line in targets if line.split()[1:] and line.split()[0].rstrip("/").endswith("/debian")]
    return sites[0].rstrip("/") if sites else "http://deb.debian.org/debian"


def make_base():
    if run("podman", "image", "exists", BASE, check=False).returncode == 0:
        return
    print("image: making the base with mmdebstrap", flush=True)
    tar = STATE / "base.tar"
    slim = [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "info", "locale", "lintian")]
    run("mmdebstrap", "--variant=minbase", *slim, "--dpkgopt=path-include=/usr/share/doc/*/copyright", "trixie", tar, mirror())
    run("podman", "import", tar, BASE)
    tar.unlink()


def ways():
    """How a build on this machine reaches packages: arguments for podman build."""
    host = mirror()
    options = ["--build-arg", f"MIRROR={host}"]
    for name in ("GOPROXY", "GOSUMDB"):
        options += ["--build-arg", f"{name}={run('go', 'env', name, env={**os.environ, 'GOTOOLCHAIN': 'local'}).stdout.strip()}"]
    options += ["--build-arg", f"NPM_REGISTRY={run('npm', 'config', 'get', 'registry').stdout.strip()}"]
    index = run("python3", "-m", "pip", "config", "get", "global.index-url", check=False).stdout.strip()
    options += ["--build-arg", f"PIP_INDEX_URL={index}"] if index else []
    if CERTIFICATES.exists():
        options += ["--volume", f"{CERTIFICATES}:/run/certificates:ro", "--build-arg", "SSL_CERT_FILE=/run/certificates"]
    return options


def site():
    """Where the image's site comes from. The stage that builds it compiles all chapters, which takes too long for each test: unless
    SITE=built, it is the site of the browsers' tests, made now if it is missing or old."""
    if os.environ.get("SITE") == "built":
        return []
    made = ROOT / ".lab/site/engine/index.json"
    sources = ["notebooks", "docs", "tools/site", "tools/page", "course/playground", "lib", "internal"]
    if not made.exists() or run("find", *sources, "-newer", made, "-type", "f", cwd=ROOT).stdout:
        print("image: making the site", flush=True)
        run("sh", "-c", "sh tools/lab/engine.sh build && sh tools/lab/site.sh", cwd=ROOT, timeout=1800)
    return ["--build-arg", "SITE=ready", "--build-context", f"ready={made.parents[1]}"]


def build():
    """Builds the Dockerfile from this checkout without what git ignores, with this machine's ways to the world."""
    shutil.rmtree(CONTEXT, ignore_errors=True)
    CONTEXT.mkdir()
    for name in run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout.split("\0"):
        if name and (ROOT / name).exists():
            (CONTEXT / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, CONTEXT / name, follow_symlinks=False)
    make(CONTEXT, IMAGE, *run("sh", ROOT / "tools" / "image" / "image.sh", "labels").stdout.split(), *site())
    run("podman", "image", "prune", "--force", "--filter", "until=24h", check=False)  # layers of earlier builds


def make(context, tag, *options):
    """Builds a folder's Dockerfile; what that says goes to a file."""
    log = STATE / f"build-{tag.partition(':')[0]}.log"
    with open(log, "w") as out:
        build = subprocess.Popen(["podman", "build", "--isolation", "chroot", "--format", "docker", "--layers", "--pull=never",
                                  "--network", "host", *ways(), *options, "--tag", tag, context],
                                 stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = build.wait()
    except BaseException:
        os.killpg(build.pid, signal.SIGTERM)  # a build that is killed outright leaves its commands running
        build.wait(30)
        raise
    if code != 0:
        tail = log.read_text().splitlines()[-40:]
        raise RuntimeError(f"the image was not built; the whole of it is in .lab/image/{log.name}\n" + "\n".join(tail))


class Container:
    """A running container without a network of any kind but its own loopback.

    with Container("--read-only", command=["--port=9999"]) as c: …
    """

    def __init__(self, *options, command=(), image=IMAGE, network="none", wait=True):
        self.id = run("podman", "run", "--detach", "--network", network, *options, image, *command).stdout.strip()
        self.started = time.monotonic()
        if wait:
            self.wait_healthy()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run("podman", "rm", "--force", "--time", "1", self.id, check=False)

    def wait_healthy(self, seconds=180):
        while self.exec("healthcheck", check=False).returncode != 0:
            if not self.running() or time.monotonic() - self.started > seconds:
                raise RuntimeError(f"the container did not become healthy:\n{self.logs()}")
            time.sleep(0.2)

    def running(self):
        return self.inspect("{{.State.Running}}") == "true"

    def inspect(self, template):
        return run("podman", "inspect", "--format", template, self.id).stdout.strip()

    def logs(self):
        done = run("podman", "logs", self.id)
        return done.stdout + done.stderr

    def exec(self, *command, check=True, input=None, options=()):
        return run("podman", "exec", *(["--interactive"] if input else []), *options, self.id, *command, check=check, input=input)

    def wait(self, seconds=30):
        """The exit code, and how long it took."""
        start = time.monotonic()
        code = int(run("podman", "wait", "--interval", "50ms", self.id, timeout=seconds).stdout)
        return code, time.monotonic() - start

    def inside(self, *command, **options):
        """Runs a command of this machine in the container's network."""
        return run("nsenter", "--net", "--target", self.inspect("{{.State.Pid}}"), *command, **options)

    def http(self, path, method="GET", data=None, headers=(), base="http://127.0.0.1:8888", check=False):
        """The status and the body of a request from inside the container's network."""
        command = ["curl", "--silent", "--insecure", "--max-time", "60", "--write-out", "\n%{http_code}", "--request", method]
        for header in headers:
            command += ["--header", header]
        if data is not None:
            command += ["--data-binary", "@-"]
        done = self.inside(*command, base + path, input=data if data is None else data, check=check)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def processes(self):
        """Pairs of process id and command line, words separated by spaces."""
        script = r"""for p in /proc/[0-9]*; do printf '%s %s\n' ${p#/proc/} "$(tr '\0\n' '  ' <$p/cmdline)"; done 2>/dev/null"""
        lines = self.exec("sh", "-c", script).stdout.splitlines()
        return [(int(line.split()[0]), line.partition(" ")[2]) for line in lines]

    def token(self):
        return self.logs().split("token=", 1)[1].split()[0]

    def python(self, script, **options):
        return self.exec("python3", "-c", script, **options)


def once(*options, command, image=IMAGE, **how):
    """Runs a container to its end and returns what it said."""
    return run("podman", "run", "--rm", "--network", "none", *options, image, *command, **how)


@functools.cache
def prepare():
    """Everything up to the image, once for all tests."""
    install()
    configure()
    leave_nothing_behind()
    start = time.monotonic()
    make_base()
    print(f"image: base after {time.monotonic() - start:.0f} s", flush=True)
    start = time.monotonic()
    build()
    print(f"image: built in {time.monotonic() - start:.0f} s", flush=True)


def config():
    return json.loads(run("podman", "image", "inspect", IMAGE).stdout)[0]
