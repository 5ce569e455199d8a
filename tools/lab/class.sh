#!/bin/sh
# Plays a class of N learners on this machine: class.sh [N]
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
exec "$(cat "$lab/python")" "$root/tools/lab/class.py" "${1:-1}"
