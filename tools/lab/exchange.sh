#!/bin/sh
# Runs every lib/*/testdata/exchange.py: files that other programs wrote, or read, with what they made of them. A script is
# left out if the Python lacks what its line "needs" names; PEERS names another Python.
set -eu
. "$(dirname "$0")/env.sh"

python=$(sh "$root/tools/lab/peers.sh")
go_env
for script in "$root"/lib/*/testdata/exchange.py; do
	needs=$(sed -n 's/^# needs: //p' "$script")
	if "$python" -c "import $needs" 2>/dev/null; then
		say "${script#"$root/"}"
		PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
	else
		say "${script#"$root/"} is left out: it needs $needs"
	fi
done
