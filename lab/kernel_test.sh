#!/bin/sh
# Tries the kernel as learners do, through Jupyter's own client: kernel_test.sh [TEST…]
# RESTARTS=400 restarts it hard as many times instead of 30.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
exec "$(cat "$lab/python")" lab/kernel_cases.py "$root" "$@"
