#!/bin/sh
# Trains on data larger than memory, under a limit that the system enforces, and writes docs/memory.md: memory.sh GB
set -eu
. "$(dirname "$0")/env.sh"

go_env
cd "$root"
mkdir -p "$lab/memory"
go build -trimpath -o "$lab/memory/memory" ./tools/memory
"$lab/memory/memory" -folder "$lab/memory" -large "${1:-40}"
