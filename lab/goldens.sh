#!/bin/sh
# Runs every lib/*/testdata/golden.py, and the export of the datasets, with a Python that has the peers they compare with.
set -eu
. "$(dirname "$0")/env.sh"

find() {
	for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
		if "$python" -c 'import numpy, scipy, sklearn, torch' 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	return 1
}

if ! python=$(find); then
	peers="python3-numpy python3-scipy python3-sklearn python3-torch"
	command -v apt-get >/dev/null ||
		die "the reference values need a Python with numpy, scipy, scikit-learn and torch: name it with PYTHON=/path/to/python3."
	as_root=
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || die "this account may not install packages: run 'sudo apt-get install $peers', then run make again."
		as_root="sudo -n"
	fi
	say "installing $peers"
	mkdir -p "$lab"
	{ $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $peers; } >"$lab/install.log" 2>&1 </dev/null ||
		die "apt-get could not install $peers; what it said is in .lab/install.log."
	python=$(find) || die "$peers are installed, but python3 cannot import them: name a Python with PYTHON=/path/to/python3."
fi
for script in "$root"/lib/*/testdata/golden.py "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
