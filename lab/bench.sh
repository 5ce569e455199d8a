#!/bin/sh
# Times this library against its peers and the machine's limits: bench.sh [FLAGS of bench/main.go]
set -eu
. "$(dirname "$0")/env.sh"

go_env
cd "$root"
python=$(sh lab/peers.sh numpy scipy sklearn torch matplotlib)
mkdir -p "$lab/bench/bin" "$lab/bench/data"
say "building"
go build -o "$lab/bench/bin/" ./bench ./bench/ours
exec "$lab/bench/bin/bench" -python "$python" -folder "$lab/bench" "$@"
