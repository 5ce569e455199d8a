"""Plays a class on this machine: each learner has a Jupyter server and runs a chapter in its own kernel.

    make class N=30        at the same time; N=1 for comparison

It says what a learner takes: memory, as proportional shares of what processes have in common, processor
time, and the time for the chapter. The sizing in docs/image.md comes from it."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEARNER = """import sys
sys.path.insert(0, sys.argv[1])
import execute
execute.execute(sys.argv[2])
"""


def tree(roots):
    """Returns the process ids of roots and all that they started."""
    parent = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                pass  # it has ended
    found = set(roots)
    while True:
        more = {p for p, up in parent.items() if up in found} - found
        if not more:
            return found
        found |= more


def memory(pids):
    """Returns the proportional set sizes of processes in bytes: what several share counts once."""
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            pass  # it has ended
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learners", type=int)
    parser.add_argument("--notebook", default="00-start-here.ipynb")
    parser.add_argument("--apart", type=float, default=1, help="seconds between two learners who begin")
    options = parser.parse_args()
    if options.learners < 1 or not pathlib.Path("/proc/self/smaps_rollup").exists():
        sys.exit("class: at least one learner, and a Linux machine, for its /proc")
    notebook = ROOT / "notebooks" / options.notebook
    servers, kernels, took, failed = [], [], [], []
    with tempfile.TemporaryDirectory() as home:
        def learn(number):
            folder = pathlib.Path(home, str(number))
            folder.mkdir()
            env = {**os.environ, "HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_RUNTIME_DIR": str(folder / "run")}
            with open(folder / "server.log", "wb") as said:
                servers.append(subprocess.Popen(
                    [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--ServerApp.port_retries=500",
                     f"--ServerApp.root_dir={folder}"], env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said))
                begun = time.monotonic()
                kernel = subprocess.Popen([sys.executable, "-c", LEARNER, str(ROOT / "tools" / "lab"), str(notebook)],
                                          env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
                kernels.append(kernel)
                if kernel.wait() != 0:
                    failed.append((folder / "server.log").read_text(errors="replace")[-500:])
                took.append(time.monotonic() - begun)

        before = os.times()
        threads = [threading.Thread(target=learn, args=(n,)) for n in range(options.learners)]
        def begin():
            for thread in threads:
                thread.start()
                time.sleep(options.apart)

        starter = threading.Thread(target=begin)
        peak = 0
        try:
            starter.start()
            while starter.is_alive() or any(t.is_alive() for t in threads):
                peak = max(peak, memory(tree([p.pid for p in servers + kernels if p.poll() is None])))
                time.sleep(0.5)
            idle = memory(tree([p.pid for p in servers if p.poll() is None]))
        finally:
            for process in servers + kernels:
                if process.poll() is None:
                    process.terminate()
            for process in servers + kernels:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        after = os.times()
    if failed:
        sys.exit(f"class: {len(failed)} of {options.learners} learners failed: {failed[0]}")
    n = options.learners
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    took.sort()
    print(f"{n} learners, {options.notebook}, {os.cpu_count()} cores")
    print(f"most memory: {peak / 1e6:.0f} MB, {peak / n / 1e6:.0f} MB a learner; servers alone at the end: {idle / n / 1e6:.0f} MB a learner")
    print(f"processor time: {busy:.0f} s, {busy / n:.1f} s a learner")
    print(f"time for the chapter: median {took[len(took) // 2]:.0f} s, longest {took[-1]:.0f} s")


if __name__ == "__main__":
    main()
