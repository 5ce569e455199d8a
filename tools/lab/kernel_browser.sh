#!/bin/sh
# Tries the kernel in a real browser, in the Jupyter of the lab and in the classic Notebook 6.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
browser=$(sh tools/lab/chromium.sh)
python=$(cat "$lab/python")
work=$lab/browser-work
rm -rf "$work" && mkdir -p "$work" "$lab/home"
export HOME="$lab/home" XDG_CACHE_HOME="$lab/home/.cache" XDG_CONFIG_HOME="$lab/home/.config"
if ! "$lab/classic/bin/python" -c 'import notebook' 2>/dev/null; then
	say "installing the classic Notebook in .lab/classic"
	{ "$python" -m venv "$lab/classic" && "$lab/classic/bin/python" -m pip install --quiet --no-cache-dir 'notebook==6.5.7' 'setuptools<81'; } >"$lab/classic.log" 2>&1 ||
		die "the classic Notebook could not be installed: check the network; what pip said is in .lab/classic.log."
fi
"$python" - "$work/kernel.ipynb" <<'PYTHON'
import sys
import nbformat
from nbformat import v4
cells = ["fmt.Println(1)", "func f() int { return 1 }", "func f() int { return y }", '%%\nfmt.Println("value", f())',
         "%%\nfor { time.Sleep(time.Hour) }", '%%\nfmt.Println("still", f())']
nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(c) for c in cells],
                               metadata={"kernelspec": {"name": "gonb", "display_name": "Go (gonb)", "language": "go"}}), sys.argv[1])
PYTHON

# try NAME VIEW COMMAND…: serves the notebook, and tries it there.
try() {
	name=$1 view=$2
	shift 2
	port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cp "$work/kernel.ipynb" "$work/$name.ipynb"
	"$@" --no-browser --allow-root --port="$port" >"$lab/$name.log" 2>&1 &
	server=$!
	trap 'kill $server 2>/dev/null || true' EXIT
	for _ in $(seq 100); do
		if "$python" -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/api')" 2>/dev/null; then break; fi
		sleep 0.3
	done
	node "$lab/browser/kernel.mjs" "http://127.0.0.1:$port/$view/$name.ipynb?token=kernel" "$browser"
	kill $server
	wait $server 2>/dev/null || true
	trap - EXIT
}

try jupyterlab lab/tree "$python" -m jupyterlab --ServerApp.root_dir="$work" --IdentityProvider.token=kernel
try notebook notebooks "$lab/classic/bin/python" -m notebook --notebook-dir="$work" --NotebookApp.token=kernel
