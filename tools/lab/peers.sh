#!/bin/sh
# Prints a Python that has the libraries that benchmarks and golden values compare with: those of tools/lab/peers.txt, in a separate
# environment in .lab/peers, made where it is missing (some 7 GB, of which PyTorch's libraries for Nvidia's cards are 5).
# PEERS names another Python. (PYTHON is the one that has Jupyter.)
set -eu
. "$(dirname "$0")/env.sh"

if [ -n "${PEERS:-}" ]; then
	"$PEERS" -c "import numpy, scipy, sklearn, torch" >&2 ||
		die "PEERS=$PEERS is not a Python with NumPy, SciPy, scikit-learn and PyTorch: install them there, or leave PEERS out."
	echo "$PEERS"
	exit
fi
lab_folder
if ! cmp -s "$root/tools/lab/peers.txt" "$lab/peers/installed"; then
	if ! command -v python3 >/dev/null || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
		die "the libraries to compare with need Python 3.11 or later: install it, or name a Python that has them with PEERS=/path/to/python3."
	fi
	say "installing the libraries to compare with, tools/lab/peers.txt: some minutes" >&2
	rm -rf "$lab/peers"
	{
		python3 -m venv "$lab/peers" && "$lab/peers/bin/python" -m pip install --disable-pip-version-check --no-cache-dir \
			--only-binary :all: --require-hashes -r "$root/tools/lab/peers.txt"
	} >"$lab/peers.log" 2>&1 || die "the libraries of tools/lab/peers.txt could not be installed: $(blame peers.log)."
	cp "$root/tools/lab/peers.txt" "$lab/peers/installed"
fi
echo "$lab/peers/bin/python"
