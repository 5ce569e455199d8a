"""Groups of processes with limits, one for each learner, where the container may make them: cgroups, of version 2 or 1."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids")


def writable(folder):
    """Engines mount it read-only."""
    if not os.access(folder, os.W_OK):
        subprocess.run(["mount", "-o", "remount,bind,rw", folder], check=True, capture_output=True)
    return folder


def prepare(root=ROOT):
    """The folders below which learners' groups can be made, none if this container may not."""
    try:
        if not (root / "cgroup.controllers").exists():  # version 1: a tree for each kind of limit
            return [writable(root / controller) for controller in CONTROLLERS]
        writable(root)
        # A group that has limits for others below it may have no processes: ours move down, too.
        (root / "hub").mkdir(exist_ok=True)
        for pid in (root / "cgroup.procs").read_text().split():
            try:
                (root / "hub" / "cgroup.procs").write_text(pid)
            except ProcessLookupError:
                pass
        (root / "cgroup.subtree_control").write_text(" ".join("+" + c for c in CONTROLLERS))
        return [root]
    except (OSError, subprocess.CalledProcessError):
        return []


def group(roots, name, memory, processes):
    """Makes the groups of one learner and returns them; what is not a group's to limit, its folder does not have."""
    made = []
    for root in roots:
        folder = pathlib.Path(root, name)
        folder.mkdir(exist_ok=True)
        for file, value in [("memory.max", memory), ("memory.swap.max", 0), ("memory.limit_in_bytes", memory), ("pids.max", processes)]:
            if (folder / file).exists():
                (folder / file).write_text(str(value))
        made.append(folder)
    return made
