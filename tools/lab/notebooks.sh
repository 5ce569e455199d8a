#!/bin/sh
# Runs the notebooks' runner in the lab's environment: notebooks.sh test|merged|store|check [PATTERN]
# PATTERN names notebooks without their folder and ending: 03*
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
command=$1
pattern=${2:-*}
# shellcheck disable=SC2086 # the pattern is one
set -- notebooks/${pattern%.ipynb}.ipynb
if [ ! -e "$1" ]; then
	[ "$pattern" = '*' ] || die "there is no notebooks/$pattern.ipynb."
	set --
fi
[ "$command" != merged ] || GOARCH='' go build -o "$lab/merge" ./tools/lab/merge
exec "$(cat "$lab/python")" tools/lab/notebooks.py "$command" "$@"
