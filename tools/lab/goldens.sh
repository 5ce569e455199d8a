#!/bin/sh
# Runs every lib/*/testdata/golden.py, and the export of the datasets, with a Python that has the peers they compare with.
# lib/*/testdata/today.py need newer ones, a PyTorch with Muon and Optax: they are left out if that Python lacks them.
# So is the task of examples/frameworks without JAX; ALSO=/path/to/python3 names a second Python, for TensorFlow.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh" numpy scipy sklearn torch)
for script in "$root"/lib/*/testdata/golden.py "$root/lib/metric/testdata/roc.py" "$root/lib/model/testdata/sequences.py" \
	"$root/lib/model/testdata/attention.py" "$root/datasets/data/export.py"; do
	say "${script#"$root/"}"
	PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
for script in "$root"/lib/*/testdata/today.py; do
	if "$python" -c 'import optax, torch; torch.optim.Muon' 2>/dev/null; then
		say "${script#"$root/"}"
		PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
	else
		say "${script#"$root/"} is left out: it needs a PyTorch with Muon, and Optax (name a Python that has them with PEERS)"
	fi
done
if "$python" -c 'import jax, optax, torch' 2>/dev/null; then
	say examples/frameworks/run.py
	go_env
	PYTHONDONTWRITEBYTECODE=1 "$python" "$root/examples/frameworks/run.py"
else
	say "examples/frameworks/run.py is left out: it needs PyTorch, JAX and Optax (name a Python that has them with PEERS)"
fi
