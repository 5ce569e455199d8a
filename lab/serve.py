"""Starts Jupyter on the course and prints its address: serve.py CHECKOUT ADDRESS PORT TOKEN

Works with JupyterLab, with Notebook 7 and with the classic Notebook 6.
"""
import importlib.util
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser

import nbformat
from nbformat.sign import NotebookNotary

START = "notebooks/00-start-here.ipynb"


def free(address, port):
    """Stops with one sentence where the server could not listen."""
    if not (port.isdigit() and 0 < int(port) < 65536):
        sys.exit(f"lab: '{port}' is not a port: choose one with 'make lab PORT=8889'.")
    try:
        family, *_, where = socket.getaddrinfo(address, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(where)
    except socket.gaierror:
        sys.exit(f"lab: '{address}' is not an address: choose one of this machine with 'make lab ADDRESS=127.0.0.1'.")
    except PermissionError:
        sys.exit(f"lab: port {port} is not allowed for this account: choose another with 'make lab PORT=8889'.")
    except OSError as e:
        if "in use" in str(e):
            sys.exit(f"lab: port {port} is busy: choose another with 'make lab PORT={int(port) % 65535 + 1}'.")
        sys.exit(f"lab: cannot listen on {address}: choose an address of this machine with 'make lab ADDRESS=127.0.0.1'.")


def command(root, address, port):
    """The server that is there, and the page that it shows a notebook on."""
    have = importlib.util.find_spec
    page = "notebooks/"
    if have("jupyterlab"):
        module, trait, folder, page = "jupyterlab", "ServerApp", "root_dir", "lab/tree/"
    elif have("jupyter_server") and int(__import__("notebook").__version__.split(".")[0]) >= 7:
        module, trait, folder = "notebook", "ServerApp", "root_dir"
    else:
        module, trait, folder = "notebook", "NotebookApp", "notebook_dir"
    return [sys.executable, "-m", module, "--no-browser", "--allow-root", f"--{trait}.ip={address}",
            f"--{trait}.port={port}", f"--{trait}.port_retries=0", f"--{trait}.{folder}={root}"], page


# The classic Notebook 6 does not know of folded cells: this is its part of what JupyterLab does by itself.
FOLD = """define(['base/js/namespace', 'base/js/events'], function (Jupyter, events) {
  function fold(cell) {
    var about = cell.metadata.jupyter || {};
    if (cell.cell_type !== 'code' || !about.source_hidden || cell.element.find('.show-code').length) { return; }
    var input = cell.element.find('div.input').first().hide();
    var button = document.createElement('button');
    button.className = 'show-code';
    button.textContent = 'show code';
    button.setAttribute('aria-expanded', 'false');
    button.onclick = function () {
      var hidden = input.is(':hidden');
      input.toggle(hidden);
      button.textContent = hidden ? 'hide code' : 'show code';
      button.setAttribute('aria-expanded', String(hidden));
      if (hidden) { cell.code_mirror.refresh(); }
    };
    input.before(button);
  }
  function all() { Jupyter.notebook.get_cells().forEach(fold); }
  if (Jupyter.notebook && Jupyter.notebook._fully_loaded) { all(); }
  events.on('notebook_loaded.Notebook', all);
});
"""


def style():
    """In the classic Notebook 6 a folded answer shows no triangle, and folded code is not folded."""
    custom = pathlib.Path(os.environ["JUPYTER_CONFIG_DIR"], "custom")
    custom.mkdir(parents=True, exist_ok=True)
    (custom / "custom.css").write_text("summary { display: list-item; cursor: pointer; }\n"
                                       ".show-code { margin-left: 14ex; border: 0; background: none; color: #0a58a6; }\n")
    (custom / "custom.js").write_text(FOLD)


def answers(url):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as reply:
            return reply.status == 200
    except urllib.error.HTTPError as e:
        return e.code == 403
    except OSError:
        return False


def main(root, address, port, token):
    root = pathlib.Path(root)
    free(address, port)
    for path in root.glob("notebooks/*.ipynb"):  # ours: trusted, so that all their outputs show
        NotebookNotary().sign(nbformat.read(path, as_version=4))
    style()
    token = token or secrets.token_hex(16)
    log = root / ".lab" / "jupyter.log"
    argv, page = command(root, address, port)
    with open(log, "w") as out:
        # No terminal on stdin: one Ctrl-C stops the server, with no question asked.
        server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=root,
                                  env={**os.environ, "JUPYTER_TOKEN": token})
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the server too
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)
    base = f"http://{host}:{port}/"
    while not answers(base + "api"):
        if server.poll() is not None:
            sys.exit("lab: Jupyter did not start; what it said is in .lab/jupyter.log.")
        time.sleep(0.1)
    start = page + START if (root / START).exists() else "tree"
    print(f"lab: open {base}{start}?token={token} (Ctrl-C stops it)", flush=True)
    desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if desktop and sys.stdout.isatty():
        webbrowser.open(f"{base}{start}?token={token}")
    server.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
