#!/bin/sh
# Prints a Python that can import the modules named, and installs them from the system's packages if there is none:
# peers.sh numpy sklearn …
set -eu
. "$(dirname "$0")/env.sh"

imports=$(echo "$*" | tr ' ' ',')
find() {
	for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
		if "$python" -c "import $imports" 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	return 1
}

if ! find; then
	peers=$(printf 'python3-%s ' "$@")
	command -v apt-get >/dev/null ||
		die "this needs a Python with $*: name it with PYTHON=/path/to/python3."
	as_root=
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || die "this account may not install packages: run 'sudo apt-get install $peers', then run make again."
		as_root="sudo -n"
	fi
	say "installing $peers" >&2
	mkdir -p "$lab"
	{ $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $peers; } >"$lab/install.log" 2>&1 </dev/null ||
		die "apt-get could not install $peers; what it said is in .lab/install.log."
	find || die "$peers are installed, but python3 cannot import them: name a Python with PYTHON=/path/to/python3."
fi
