#!/bin/sh
# Runs every lib/*/testdata/golden.py and today.py, the export of the datasets and the task of examples/frameworks, with a Python that
# has the libraries they compare with, and lib/*/testdata/exchange.py, which exchange files with what their line "needs" names.
# PEERS names another Python, ALSO=/path/to/python3 names a second one, for TensorFlow.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh")
for script in "$root"/lib/*/testdata/golden.py "$root"/lib/*/testdata/today.py "$root/lib/metric/testdata/roc.py" "$root/lib/model/testdata/sequences.py" \
	"$root/lib/model/testdata/attention.py" "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
for script in "$root"/lib/*/testdata/exchange.py; do
	needs=$(sed -n 's/^# needs: //p' "$script")
	if "$python" -c "import $needs" 2>/dev/null; then
		say "${script#"$root/"}"
		PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
	else
		say "${script#"$root/"} is left out: it needs $needs (name a Python that has them with PEERS)"
	fi
done
say examples/frameworks/run.py
go_env
PYTHONDONTWRITEBYTECODE=1 "$python" "$root/examples/frameworks/run.py"
