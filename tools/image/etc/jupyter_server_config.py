# The server's settings in the image; whatever is said on the command line comes first.
import logging
import pathlib
import sys

c = get_config()  # noqa: F821, Jupyter provides it

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port_retries = 0  # a busy port is an error, not another port
c.ServerApp.open_browser = False
c.ServerApp.allow_remote_access = True
c.LabApp.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
# There is no network in the room, nothing to build the interface with, and no Python kernel.
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
# The course's site, for those who only have a browser.
sys.path.insert(0, str(pathlib.Path(__file__).parent))
c.ServerApp.jpserver_extensions = {"descent_site": True}
c.ServerApp.tornado_settings = {"page_config_data": {"buildAvailable": False, "buildCheck": False}}
c.KernelSpecManager.ensure_native_kernel = False
# Kernels talk through sockets in the folder of this server, which nobody else may enter. At a port of the machine every
# other user of it could listen to what a kernel says: its messages are signed, not secret.
c.KernelManager.transport = "ipc"
# A cell in the middle of its training must not hold up the end of the container.
c.KernelManager.shutdown_wait_time = 0.5
c.FileContentsManager.delete_to_trash = False

# Two warnings that no learner has a part in: answers to the server's own questions of a new kernel, for
# which it waits no longer, and the connection that the kernel's widgets make for themselves.
for name in "tornado.general", "ServerApp":
    logging.getLogger(name).addFilter(lambda record: not record.getMessage().startswith(
        ("Got events for closed stream", "No session ID specified")))
