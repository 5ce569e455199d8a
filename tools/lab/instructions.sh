#!/bin/sh
# Counts the instructions of an emulated arm64 processor, and writes a table of docs/performance.md: instructions.sh
set -eu
. "$(dirname "$0")/env.sh"

go_env
cd "$root"
sh tools/lab/install.sh qemu-aarch64 qemu-user
mkdir -p "$lab/instructions"
GOARCH=arm64 CGO_ENABLED=0 go build -o "$lab/instructions/neon" ./tools/instructions/work
GOARCH=arm64 CGO_ENABLED=0 go build -tags noasm -o "$lab/instructions/plain" ./tools/instructions/work
go run ./tools/instructions -folder "$lab/instructions"
