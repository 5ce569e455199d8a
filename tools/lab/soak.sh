#!/bin/sh
# What takes hours, for a night or before a release: soak.sh [MINUTES for each fuzz test]
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
minutes=${1:-2}

# arm64 with all cases; one processor of another byte order; and what remains of those that fuse.
sh tools/lab/emulate.sh arm64
for arch in s390x ppc64le riscv64; do
	sh tools/lab/emulate.sh "$arch" -short
done

# All cases: with the race detector; where Go's own loops are fused on amd64, alone and beside assembly; and without assembly.
# shellcheck disable=SC2046
go test -race $(sh tools/lab/concurrent.sh)
if grep -qw fma /proc/cpuinfo && grep -qw avx2 /proc/cpuinfo; then
	GOAMD64=v3 go test ./internal/... ./lib/... ./datasets/... ./plots/...
	GOAMD64=v3 go test -tags noasm ./lib/...
fi
go test -tags noasm ./lib/...

# Compiled for other systems: finds what has no body, links the programs, and compares assembly with its declarations.
compiles() {
	system=$1
	processor=$2
	shift 2
	GOOS=$system GOARCH=$processor go build -o /dev/null "$@"
	GOOS=$system GOARCH=$processor go vet -asmdecl "$@"
}
for pair in "darwin arm64" "windows amd64"; do
	# shellcheck disable=SC2086 # two words
	compiles $pair ./...
	# shellcheck disable=SC2086
	(cd examples/gomlx && compiles $pair ./...)
done
(cd tools/kernel && compiles darwin arm64 ./...)
compiles linux 386 ./lib/... ./datasets/...
compiles js wasm ./lib/... ./plots/... ./datasets/...

# Every notebook in the real kernel.
sh tools/lab/notebooks.sh test

# Every cell of every chapter in the page, and the answers to all exercises; then the site with all of them: how fast it is,
# which only a machine that does nothing else can judge, and the image that builds it by itself, with all notebooks in it.
sh tools/lab/engine.sh soak
sh tools/lab/site.sh
sh tools/lab/lighthouse.sh judge
if [ "$(id -u)" = 0 ]; then
	SITE=built sh tools/image/image.sh test
else
	say "the image's tests need root: not run here"
fi

grep -rl --include='*_test.go' '^func Fuzz' lib datasets plots check | while read -r file; do
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file" | while read -r name; do
		say "$name in ${file%/*}"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "${minutes}m" "./${file%/*}" </dev/null
	done
done
say "soak: all is well"
