# A hub for one machine. Who may enter stands in /srv/hub/class.txt, from which class.py makes accounts.
import os
import pathlib

c = get_config()  # noqa: F821, JupyterHub provides it

learners = {line.partition(":")[0] for line in pathlib.Path("/srv/hub/class.txt").read_text().splitlines() if line.strip()}
teachers = set(os.environ.get("DESCENT_TEACHERS", "").split())

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.db_url = "sqlite:////srv/hub/hub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie_secret"
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.open_sessions = False
c.Authenticator.allowed_users = learners
c.Authenticator.admin_users = teachers & learners

# Each server is a process of the learner's own account. The image's start finds it a work folder
# and caches; what the system's account may not read, a cell may not either.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = ["start"]
c.Spawner.environment = {"DESCENT_WORK": lambda spawner: f"/home/{spawner.user.name}/notebooks"}
c.Spawner.env_keep = ["PATH", "LANG", "CGO_ENABLED", "GOFLAGS", "GOMODCACHE", "GOTOOLCHAIN", "JUPYTER_CONFIG_PATH",
                      "JUPYTER_PATH", "JUPYTER_PLATFORM_DIRS", "PYTHONDONTWRITEBYTECODE"]
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.start_timeout = 60
c.Spawner.http_timeout = 60
# A class that begins at the same minute: so many servers start at once, the others wait their turn.
c.JupyterHub.concurrent_spawn_limit = 2 * (os.cpu_count() or 1)
