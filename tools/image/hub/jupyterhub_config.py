# A hub for one machine. The command 'hub' has looked at what this container allows.
import os
import sys

sys.path.insert(0, "/opt/descent/hub")
import classroom  # noqa: E402
import learners  # noqa: E402

c = get_config()  # noqa: F821, JupyterHub provides it

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.db_url = "sqlite:////srv/hub/hub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie_secret"
c.JupyterHub.authenticator_class = classroom.HashAuthenticator
c.Authenticator.allow_all = True  # that the file of the learners has
c.Authenticator.admin_users = set(os.environ.get("DESCENT_TEACHERS", "").split()) & set(learners.read())
c.Authenticator.auth_refresh_age = 60

# Each server is a process of the learner's own. The image's start finds it a work folder and caches.
c.JupyterHub.spawner_class = classroom.ApartSpawner
c.Spawner.cmd = ["/opt/descent/hub/apart"]
c.Spawner.mem_limit = os.environ.get("DESCENT_MEMORY", "2G")
c.ApartSpawner.processes = int(os.environ.get("DESCENT_PROCESSES", "1000"))
c.ApartSpawner.apart = os.environ["DESCENT_APART"]
c.ApartSpawner.groups = os.environ["DESCENT_GROUPS"].split()
c.Spawner.env_keep = ["PATH", "LANG", "CGO_ENABLED", "GOFLAGS", "GOMODCACHE", "GOTOOLCHAIN", "JUPYTER_CONFIG_PATH",
                      "JUPYTER_PATH", "JUPYTER_PLATFORM_DIRS", "PYTHONDONTWRITEBYTECODE"]
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.start_timeout = 60
c.Spawner.http_timeout = 60
# A class that begins at the same minute: so many servers start at once, the others wait their turn.
c.JupyterHub.concurrent_spawn_limit = 2 * (os.cpu_count() or 1)
