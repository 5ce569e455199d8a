#!/bin/sh
# Runs every lib/*/testdata/golden.py and today.py, the export of the datasets and the task of examples/frameworks, with a Python that
# has the libraries they compare with.
# PEERS names another Python; ALSO=/path/to/python3 names a second one, for TensorFlow.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh")
for script in "$root"/lib/*/testdata/golden.py "$root"/lib/*/testdata/today.py "$root/lib/metric/testdata/roc.py" "$root/lib/model/testdata/sequences.py" \
	"$root/lib/model/testdata/attention.py" "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
say examples/frameworks/run.py
go_env
PYTHONDONTWRITEBYTECODE=1 "$python" "$root/examples/frameworks/run.py"
