"""What one learner can learn of another, and do to another: neighbour.py NAME UID HUB#TOKEN KERNEL MARK

It runs in a cell of a learner's own server and attacks NAME, whose user id is UID, whose files, arguments and environment hold
MARK, and whose kernel is to go on. Prints a JSON object: what was tried, and what was found, which should be nothing.
"""
import errno
import json
import os
import pathlib
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

name, uid, url, kernel, mark = sys.argv[1:]
uid, me = int(uid), os.getuid()
found = {}


def readable(path, size=1_000_000):
    try:
        with open(path, "rb") as f:
            return f.read(size)
    except OSError:
        return b""


def look(title, things):
    found[title] = sorted(str(t) for t in things)


# Files. What is below these folders could have the names, the hashes or the other's work.
texts, opened = set(), set()
secret = re.compile(rb"\b%s\b|scrypt:\d|\$y\$|%s" % (name.encode(), mark.encode()))
for top in ("/etc", "/home", "/run", "/srv", "/tmp", "/var", "/dev/shm", "/opt/descent/hub", "/root"):
    for folder, folders, files in os.walk(top):
        if folder.startswith(os.environ["HOME"]) or f"/descent-{me}/go-build" in folder:
            folders.clear()
            continue
        for entry in folders + files:
            path = os.path.join(folder, entry)
            if name in entry or str(uid) in entry:
                opened.add(path)
            try:
                owner = os.lstat(path).st_uid
            except OSError:
                continue
            if owner == uid:
                opened.add(path)
            if owner != me and entry in files and os.path.isfile(path):
                if secret.search(readable(path)):
                    texts.add(path)
look("names, hashes or files of the other", texts | opened)
look("the state of the hub", [p for p in ("/srv/hub", "/srv/hub/learners", "/srv/hub/hub.sqlite", "/srv/hub/cookie_secret", "/etc/shadow") if readable(p) or os.access(p, os.R_OK)])
try:
    look("homes", [h for h in os.listdir("/home") if h != os.path.basename(os.environ["HOME"])])
except OSError:
    look("homes", [])

# Processes, their arguments, their environment; and signals to them.
others, told, hit = set(), set(), set()
for pid in range(1, 100_000):
    folder = f"/proc/{pid}"
    if os.path.exists(folder):
        try:
            owner = os.stat(folder).st_uid
        except OSError:
            continue
        if owner != me:
            others.add(readable(f"{folder}/cmdline").replace(b"\0", b" ")[:80].decode(errors="replace"))
            for file in ("cmdline", "environ", "maps", "mountinfo"):
                content = readable(f"{folder}/{file}")
                if secret.search(content):
                    told.add(f"{file} of {pid}")
            try:
                os.kill(pid, signal.SIGINT)
                hit.add(pid)
            except OSError as e:
                if e.errno not in (errno.EPERM, errno.ESRCH):
                    raise
look("processes", others)
look("arguments and environment", told)
look("signals that were taken", hit)

# Sockets: Unix sockets by their files, and ports of this machine that speak as a kernel does.
paths = {line.split()[-1] for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:] if len(line.split()) == 8}
connected = set()
for path in paths:
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(1)
    try:
        if path.startswith("@") or os.stat(path).st_uid != me:
            s.connect("\0" + path[1:] if path.startswith("@") else path)
            connected.add(path)
    except OSError:
        pass
look("Unix sockets that answer", connected)
kernels, open_ports = set(), {}
for file in ("tcp", "tcp6"):
    for line in pathlib.Path("/proc/net", file).read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[7]) != me:
            open_ports[int(fields[1].rpartition(":")[2], 16)] = int(fields[7])
for port in open_ports:
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as s:
            s.settimeout(1)
            s.sendall(b"\xff\0\0\0\0\0\0\0\1\x7f")  # how ZeroMQ begins
            if s.recv(10)[:1] == b"\xff":
                kernels.add(port)
    except OSError:
        pass
look("ports of kernels", kernels)

# The other's stop, and the other's server and files, by what the network offers.
def ask(method, address, token):
    request = urllib.request.Request(address, method=method, headers={"Authorization": f"token {token}"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as reply:
            return f"{method} {address}: {reply.status}" if "/login" not in reply.url else None
    except urllib.error.HTTPError as e:
        return None if e.code in (403, 404) else f"{method} {address}: {e.code}"
    except OSError as e:
        return f"{method} {address}: {e}"


tokens = {os.environ.get("JUPYTERHUB_API_TOKEN", ""), os.environ.get("JPY_API_TOKEN", ""), "", url.partition("#")[2]}
host = url.partition("#")[0]
answers = set()
for token in tokens:
    for method, path in [("DELETE", f"/hub/api/users/{name}/server"), ("GET", f"/hub/api/users/{name}"), ("GET", "/hub/api/users"),
                         ("POST", f"/user/{name}/api/kernels/{kernel}/interrupt"), ("DELETE", f"/user/{name}/api/kernels/{kernel}"),
                         ("GET", f"/user/{name}/api/contents"), ("POST", f"/user/{name}/api/shutdown")]:
        answers.add(ask(method, host + path, token))
    for port, owner in open_ports.items():
        if owner == uid and port not in kernels:
            answers.add(ask("GET", f"http://127.0.0.1:{port}/user/{name}/api/contents", token))
            answers.add(ask("POST", f"http://127.0.0.1:{port}/user/{name}/api/kernels/{kernel}/interrupt", token))
look("answers of servers", answers - {None})

# In the way of the other's next start.
taken = set()
for path in (f"/tmp/descent-{uid}", f"/var/tmp/descent-{uid}", f"/run/descent/{uid}", f"/dev/shm/descent-{uid}"):
    try:
        os.mkdir(path)
        taken.add(path)
    except OSError:
        pass
print(json.dumps({"found": found, "made": sorted(taken), "time": time.time()}))
