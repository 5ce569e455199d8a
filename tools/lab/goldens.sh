#!/bin/sh
# Runs every lib/*/testdata/golden.py, the export of the datasets and the task of examples/frameworks, with a Python that has the
# peers they compare with. ALSO=/path/to/python3 names another one, for frameworks that the first cannot import.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh" numpy scipy sklearn torch)
for script in "$root"/lib/*/testdata/golden.py "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
say examples/frameworks/run.py
go_env
PYTHONDONTWRITEBYTECODE=1 "$python" "$root/examples/frameworks/run.py"
