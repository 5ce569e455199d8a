#!/bin/sh
# Tries the kernel as learners do, through Jupyter's own client, and runs the community's tests of
# kernels: kernel_test.sh [TEST…]. RESTARTS=400 restarts it hard as many times instead of 30,
# CLASS=30 starts as many kernels at once instead of 6.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
python=$(cat "$lab/python")

if [ $# = 0 ]; then
	say "the community's tests"
	# In another folder: Jupyter may come from the system, which nothing is installed into.
	[ -d "$lab/kernel-suite" ] || "$python" -m pip install --quiet --no-cache-dir --no-deps --target "$lab/kernel-suite" jupyter_kernel_test==0.7.0 >"$lab/pip.log" 2>&1 ||
		die "jupyter_kernel_test could not be installed: check the network; what pip said is in .lab/pip.log."
	(cd tools/lab && PYTHONPATH=$lab/kernel-suite "$python" -m unittest kernel_suite 2>"$lab/kernel-suite.log") || die "a test failed:
$(cat "$lab/kernel-suite.log")"
fi
say "what learners type"
exec "$python" tools/lab/kernel_cases.py "$root" "$@"
