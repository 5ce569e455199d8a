"""How JupyterHub lets a learner in, and starts the learner's server apart from the others'."""
import asyncio
import concurrent.futures
import os
import pathlib
import resource

import learners
import limits
from jupyterhub.auth import Authenticator
from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Integer, List, Unicode

FIRST = 2000  # the first learner's user id
HOMES = pathlib.Path("/home")
SCRATCH = pathlib.Path("/run/descent")


class HashAuthenticator(Authenticator):
    """Names and passwords from the file of the learners, which is read anew at each login."""

    # One guess after the other, and none in the way of the hub.
    worker = concurrent.futures.ThreadPoolExecutor(1)
    nobody = learners.hashed("")  # so that an unknown name takes as long as a known one

    async def authenticate(self, handler, data):
        name = data["username"]
        stored = self.found().get(name)
        right = await asyncio.get_running_loop().run_in_executor(
            self.worker, learners.matches, data["password"][:1000], stored or self.nobody)
        return name if stored and right else None

    async def refresh_user(self, user, handler=None):
        """Who is taken out of the file has to log in again, and cannot."""
        return user.name in self.found()

    def found(self):
        try:
            return learners.read()
        except learners.Refused as e:
            self.log.error("hub: nobody can enter: %s", e)
            return {}


def home(name):
    """A learner's home. Whose it is, its owner says: homes in a volume keep their owners when the container is made anew."""
    folder = HOMES / name
    if not folder.exists():
        taken = [h.stat().st_uid for h in HOMES.iterdir()]
        uid = max([FIRST - 1, *(u for u in taken if FIRST <= u < 60000)]) + 1
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, uid)
    folder.chmod(0o700)
    return folder


class ApartSpawner(LocalProcessSpawner):
    """A process of the learner's own user id, which 'apart' starts: without an account, in namespaces and with limits."""

    apart = Unicode("no", help="yes, where the container may make namespaces").tag(config=True)
    groups = List(help="below these folders groups of processes can be made").tag(config=True)
    processes = Integer(1000, help="processes and threads of a learner").tag(config=True)

    def uid(self):
        return home(self.user.name).stat().st_uid

    def user_env(self, env):
        name, uid = self.user.name, self.uid()
        env |= {"USER": name, "HOME": str(home(name)), "SHELL": "/bin/bash", "DESCENT_WORK": f"{home(name)}/notebooks",
                "DESCENT_APART": self.apart, "DESCENT_TMP": str(self.mem_limit // 2),
                "DESCENT_GROUPS": " ".join(map(str, limits.group(self.groups, f"learner-{uid}", self.mem_limit, self.processes)))}
        if self.apart != "yes":  # /tmp is everybody's: a folder in it could be made by another first
            own = SCRATCH / str(uid)
            for folder, owner, mode in [(SCRATCH, 0, 0o711), (own, uid, 0o700)]:
                folder.mkdir(exist_ok=True)
                os.chown(folder, owner, owner)
                folder.chmod(mode)
            env["DESCENT_SCRATCH"] = str(own)
        return env

    def get_args(self):
        return [self.user.name, str(self.uid()), "start", *super().get_args()]

    def make_preexec_fn(self, name):
        memory, processes = self.mem_limit, self.processes

        def limit():
            """Of each process the memory, of each learner the processes: where there are no groups, this is all there is."""
            os.umask(0o077)
            for what, most in [(resource.RLIMIT_DATA, memory), (resource.RLIMIT_NPROC, processes), (resource.RLIMIT_CORE, 0)]:
                hard = resource.getrlimit(what)[1]  # the container's own, which only goes down
                most = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.setrlimit(what, (most, most))
        return limit

    async def _signal(self, sig):
        """To the whole group of processes: the first of them only waits, and what is inside ends in an orderly way."""
        try:
            os.killpg(self.pid, sig)
        except ProcessLookupError:
            return False
        return True
