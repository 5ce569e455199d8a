#!/bin/sh
# Prints the Python that has Jupyter: the one that PYTHON names, an existing one, else a virtual environment in the
# checkout, else the system's packages.
set -eu
. "$(dirname "$0")/env.sh"

# works PYTHON: can it really serve and execute notebooks?
works() {
	"$1" -c 'import nbclient, nbformat
try: import jupyterlab
except ImportError: import notebook' >/dev/null 2>&1
}

# existing prints the first Python with Jupyter, among them the one that `jupyter` itself runs in.
existing() {
	shebang=$(head -n 1 "$(command -v jupyter || echo /dev/null)" 2>/dev/null | sed -n 's/^#! *\(\/[^ ]*python[^ ]*\).*/\1/p')
	for python in "$lab/venv/bin/python" python3 ${shebang:+"$shebang"} /usr/bin/python3 \
		/usr/local/bin/python3 /opt/homebrew/bin/python3; do
		if command -v "$python" >/dev/null && works "$python"; then
			command -v "$python"
			return
		fi
	done
	return 1
}

# in_venv tries a virtual environment with the versions that are locked, and leaves nothing behind where that is
# refused. Ready-made packages only: what builds one would be fetched without a hash.
in_venv() {
	command -v python3 >/dev/null || return 1
	trap 'rm -rf "$lab/venv"; exit 130' INT TERM HUP
	if python3 -m venv "$lab/venv" >"$lab/venv.log" 2>&1 &&
		python3 "$root/tools/lab/progress.py" "step 1 of 4, Jupyter's packages" Collecting \
			"$(grep -c '==' "$root/tools/lab/requirements.txt")" "$lab/venv.log" \
			"$lab/venv/bin/python" -m pip install --disable-pip-version-check --retries 1 --timeout 15 --no-cache-dir \
			--only-binary :all: --require-hashes -r "$root/tools/lab/requirements.txt" >&2 &&
		works "$lab/venv/bin/python"; then
		trap - INT TERM HUP
		return
	fi
	trap - INT TERM HUP
	rm -rf "$lab/venv"
	if grep -q ensurepip "$lab/venv.log"; then
		say "no virtual environment: this Python has no ensurepip (Debian's and Ubuntu's is in python3-venv); what it said is in .lab/venv.log" >&2
	else
		say "no virtual environment: $(blame venv.log)" >&2
	fi
	return 1
}

if [ -n "${PYTHON:-}" ]; then
	python=$(command -v "$PYTHON") || die "PYTHON=$PYTHON is not a program: name a Python that has Jupyter, or leave PYTHON out."
	works "$python" ||
		die "PYTHON=$PYTHON cannot import Jupyter (nbclient, nbformat, and jupyterlab or notebook): install it there, or leave PYTHON out."
	case $python in
	/*) echo "$python" ;;
	*) echo "$PWD/$python" ;;
	esac
	exit
fi
lab_folder
existing && exit
say "Jupyter is not there, trying a virtual environment in .lab/venv" >&2
if in_venv; then
	existing && exit
fi
if command -v apt-get >/dev/null; then
	install Jupyter apt-get install -y --no-install-recommends jupyter-notebook python3-nbclient
elif command -v dnf >/dev/null; then
	install Jupyter dnf install -y python3-notebook python3-nbclient
elif command -v pacman >/dev/null; then
	install Jupyter pacman -S --noconfirm --needed jupyter-notebook python-nbclient
elif command -v brew >/dev/null; then
	install Jupyter brew install jupyterlab
else
	die "Jupyter is not there and no package manager was found to install it: install Jupyter, then run make again."
fi
existing || die "Jupyter was installed, but no Python can import it: name the one that can with PYTHON=/path/to/python3."
