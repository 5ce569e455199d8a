"""Starts Jupyter on the course and prints its address: serve.py CHECKOUT ADDRESS PORT

The token is in the environment, as TOKEN, where other users cannot see it; without one it makes one. Works with JupyterLab, with Notebook 7 and with the classic Notebook 6.
"""
import importlib.util
import json
import os
import pathlib
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import webbrowser

import nbformat
from nbformat.sign import NotebookNotary

import stop  # noqa: F401

START = "notebooks/00-start-here.ipynb"
PATIENCE = 30  # seconds without an answer, after which the log is named


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
    """The server that is there, and the page that it shows a notebook on.

    What the system's configuration may say of the address is said again here, where it counts more; for NotebookApp,
    too, whose settings others than the classic Notebook take over and then prefer.
    """
    have = importlib.util.find_spec
    page = "notebooks/"
    if have("jupyterlab"):
        module, app, page = "jupyterlab", "ServerApp", "lab/tree/"
    elif have("jupyter_server") and int(__import__("notebook").__version__.split(".")[0]) >= 7:
        module, app = "notebook", "ServerApp"
    else:
        module, app = "notebook", "NotebookApp"
    said = {"ip": address, "port": port, "port_retries": 0, "base_url": "/", "certfile": "", "keyfile": "", "sock": ""}
    return [sys.executable, "-m", module, "--no-browser", "--allow-root", f"--ServerApp.root_dir={root}", f"--NotebookApp.notebook_dir={root}",
            *(f"--{a}.{name}={value}" for a in dict.fromkeys((app, "NotebookApp")) for name, value in said.items())], page


def own(path):
    """A new file that this user alone can read."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.fchmod(file, 0o600)  # it may be there already
    return open(file, "w", encoding="utf-8")


def secret(folder, token):
    """Writes the token where the server reads it before the system's configuration, and nobody else can."""
    for server in ("server", "notebook"):  # the latter for the classic Notebook 6
        with own(os.path.join(folder, f"jupyter_{server}_config.json")) as f:
            json.dump(dict.fromkeys(("IdentityProvider", "PasswordIdentityProvider", "NotebookApp"), {"token": token}), f)
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return folder + (os.pathsep + others if others else "")


def keep(said, log, token):
    """Copies what the server says to its log, without the token: logs are shown to others."""
    for line in said:
        for word in {token, urllib.parse.quote(token), urllib.parse.quote_plus(token)}:
            line = line.replace(word, "TOKEN")
        try:
            log.write(line)
            log.flush()
        except (OSError, ValueError):
            pass  # the disk is full, or the log closed; the server must not stand still because nobody reads what it says


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


def status(url):
    """What the server answers: 200, 403 …; 0 for nothing."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as reply:
            return reply.status
    except urllib.error.HTTPError as e:
        return e.code
    except OSError:
        return 0


def wait(server, url):
    """Waits until the server answers, and says after a while where one can see why it does not."""
    began, named = time.monotonic(), False
    while status(url) not in (200, 403):
        if server.poll() is not None:
            sys.exit("lab: Jupyter did not start; what it said is in .lab/jupyter.log.")
        if not named and time.monotonic() - began > PATIENCE:
            print(f"lab: Jupyter has not answered for {PATIENCE} s, still waiting (Ctrl-C stops it); what it says is in "
                  ".lab/jupyter.log.", file=sys.stderr, flush=True)
            named = True
        time.sleep(1 if named else 0.1)


def prepare(root):
    """All that is written before the server starts; returns its log."""
    try:
        for path in root.glob("notebooks/*.ipynb"):  # ours: trusted, so that all their outputs show
            NotebookNotary().sign(nbformat.read(path, as_version=4))
        style()
        return own(root / ".lab" / "jupyter.log")
    except (OSError, sqlite3.Error) as e:
        sys.exit(f"lab: nothing can be written to {root / '.lab'} ({getattr(e, 'strerror', None) or e}): make room, then run make lab again.")


def main(root, address, port):
    root = pathlib.Path(root)
    free(address, port)
    out = prepare(root)
    token = os.environ.pop("TOKEN", "") or secrets.token_hex(16)
    os.environ.pop("JUPYTER_TOKEN", None)
    argv, page = command(root, address, port)
    with out, tempfile.TemporaryDirectory(dir=root / ".lab") as folder:
        # No terminal on stdin: one Ctrl-C stops the server, with no question asked.
        server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", cwd=root,
                                  env={**os.environ, "JUPYTER_CONFIG_PATH": secret(folder, token)})
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the server too
        signal.signal(signal.SIGTERM, lambda *_: end(server))
        log = threading.Thread(target=keep, args=(server.stdout, out, token), daemon=True)
        log.start()
        try:
            serve(server, root, address, port, page, token)
        finally:
            end(server)
            server.wait()
            log.join(1)


def end(server):
    """Ends Jupyter, which may wait for an answer from the network: in half a minute for certain."""
    server.terminate()
    timer = threading.Timer(30, server.kill)
    timer.daemon = True
    timer.start()


def serve(server, root, address, port, page, token):
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)
    base = f"http://{host}:{port}/"
    query = "?token=" + urllib.parse.quote(token)
    wait(server, base + "api")
    if status(base + "api/contents") == 200 or status(base + "api/contents" + query) != 200:
        sys.exit("lab: a configuration of Jupyter on this machine lets others in, or this lab's token not: "
                 "'jupyter --paths' names its folders; what Jupyter said is in .lab/jupyter.log.")
    start = page + START if (root / START).exists() else ""
    print(f"lab: open {base}{start}{query} (Ctrl-C stops it)", flush=True)
    desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if desktop and sys.stdout.isatty():
        webbrowser.open(f"{base}{start}{query}")
    server.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
