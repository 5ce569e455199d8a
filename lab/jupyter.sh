#!/bin/sh
# Prints the Python that has Jupyter: an existing one, else a virtual environment in the
# checkout, else the system's packages.
set -eu
. "$(dirname "$0")/env.sh"

# works PYTHON: can it really serve and execute notebooks?
works() {
	"$1" -c 'import nbclient, nbformat
try: import jupyterlab
except ImportError: import notebook' >/dev/null 2>&1
}

# find prints the first Python with Jupyter, among them the one that `jupyter` itself runs in.
find() {
	shebang=$(head -n 1 "$(command -v jupyter || echo /dev/null)" 2>/dev/null | sed -n 's/^#! *\(\/[^ ]*python[^ ]*\).*/\1/p')
	for python in "$lab/venv/bin/python" ${PYTHON:+"$PYTHON"} python3 $shebang /usr/bin/python3 \
		/usr/local/bin/python3 /opt/homebrew/bin/python3; do
		if command -v "$python" >/dev/null && works "$python"; then
			command -v "$python"
			return
		fi
	done
	return 1
}

# in_venv tries a virtual environment, and leaves nothing behind where that is refused.
in_venv() {
	command -v python3 >/dev/null || return 1
	trap 'rm -rf "$lab/venv"' INT TERM
	if python3 -m venv "$lab/venv" && "$lab/venv/bin/python" -m pip install --quiet \
		--retries 1 --timeout 15 --no-cache-dir -r "$root/lab/requirements.txt" && works "$lab/venv/bin/python"; then
		trap - INT TERM
		return
	fi >"$lab/venv.log" 2>&1
	trap - INT TERM
	rm -rf "$lab/venv"
	return 1
}

# install NAME COMMAND...: runs the package manager as root, or says what to run.
install() {
	manager=$1
	shift
	as_root=
	if [ "$(id -u)" != 0 ] && [ "$manager" != brew ]; then
		sudo -n true 2>/dev/null || die "Jupyter is not there and this account may not install packages: run 'sudo $*', then run make again."
		as_root="sudo -n"
	fi
	say "installing Jupyter with $manager" >&2
	if [ "$manager" = apt-get ]; then
		$as_root apt-get update
		set -- env DEBIAN_FRONTEND=noninteractive "$@"
	fi >"$lab/install.log" 2>&1 || true
	$as_root "$@" >>"$lab/install.log" 2>&1 </dev/null ||
		die "$manager could not install Jupyter: check the network; what it said is in .lab/install.log."
}

mkdir -p "$lab"
find && exit
say "Jupyter is not there, trying a virtual environment in .lab/venv" >&2
if in_venv; then
	find && exit
fi
if command -v apt-get >/dev/null; then
	install apt-get apt-get install -y --no-install-recommends jupyter-notebook python3-nbclient
elif command -v dnf >/dev/null; then
	install dnf dnf install -y python3-notebook python3-nbclient
elif command -v pacman >/dev/null; then
	install pacman pacman -S --noconfirm --needed jupyter-notebook python-nbclient
elif command -v brew >/dev/null; then
	install brew brew install jupyterlab
else
	die "Jupyter is not there and no package manager was found to install it: install Jupyter, then run make again."
fi
find || die "Jupyter was installed, but no Python can import it: name the one that can with PYTHON=/path/to/python3."
