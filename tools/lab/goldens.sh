#!/bin/sh
# Runs every lib/*/testdata/golden.py, and the export of the datasets, with a Python that has the peers they compare with.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh" numpy scipy sklearn torch)
for script in "$root"/lib/*/testdata/golden.py "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
