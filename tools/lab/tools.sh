#!/bin/sh
# Prints the folder of the programs that tools.txt locks, in .lab/tools; installs them if they are not there.
set -eu
. "$(dirname "$0")/env.sh"

lab_folder
tools=$lab/tools
if ! cmp -s "$root/tools/lab/tools.txt" "$tools/installed"; then
	say "installing the programs of tools/lab/tools.txt" >&2
	python=$(cat "$lab/python" 2>/dev/null || echo python3)
	{
		"$python" -m venv "$tools" && "$tools/bin/python" -m pip install --disable-pip-version-check \
			--only-binary :all: --require-hashes -r "$root/tools/lab/tools.txt"
	} >"$lab/tools.log" 2>&1 || die "the programs of tools/lab/tools.txt could not be installed: $(blame tools.log)."
	cp "$root/tools/lab/tools.txt" "$tools/installed"
fi
echo "$tools/bin"
