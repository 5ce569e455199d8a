#!/bin/sh
# Prints a Python that can import the modules named, and installs them from the system's packages if there is none:
# peers.sh numpy sklearn …
# PEERS names another Python. (PYTHON is the one that has Jupyter.)
set -eu
. "$(dirname "$0")/env.sh"

imports=$(echo "$*" | tr ' ' ',')
existing() {
	for python in python3 /usr/bin/python3; do
		if "$python" -c "import $imports" 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	return 1
}

if [ -n "${PEERS:-}" ]; then
	"$PEERS" -c "import $imports" >&2 || die "PEERS=$PEERS is not a Python with $*: install them there, or leave PEERS out."
	echo "$PEERS"
elif ! existing; then
	command -v apt-get >/dev/null || die "this needs a Python with $*: name it with PEERS=/path/to/python3."
	# shellcheck disable=SC2046
	install "$*" apt-get install -y --no-install-recommends $(printf 'python3-%s ' "$@")
	existing || die "$* are installed, but python3 cannot import them: name a Python with PEERS=/path/to/python3."
fi
