#!/bin/sh
# Times this library against its peers and the machine's limits: bench.sh [FLAGS of tools/bench/main.go]
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
python=$(sh tools/lab/peers.sh)
# The libraries as the system's packages have them, where they are installed, have a separate column.
before=
for candidate in ${BEFORE:-/usr/bin/python3}; do
	if "$candidate" -c 'import numpy, scipy, sklearn, torch, threadpoolctl' 2>/dev/null; then
		before=$candidate
	fi
done
mkdir -p "$lab/bench/bin" "$lab/bench/data"
say "building the programs"
go build -o "$lab/bench/bin/" ./tools/bench ./tools/bench/ours ./tools/bench/startup
(cd tools/bench/gopeers && go build -o "$lab/bench/bin/" .) >"$lab/bench.log" 2>&1 ||
	die "the Go peers cannot be built: $(blame bench.log)."
exec "$lab/bench/bin/bench" -python "$python" -before "$before" -jupyter "$(cat "$lab/python")" -folder "$lab/bench" "$@"
