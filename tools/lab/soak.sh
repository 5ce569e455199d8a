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

# 32 bits, and all packages for a page.
for pair in "linux 386" "js wasm"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	GOOS=$1 GOARCH=$2 go vet -asmdecl ./lib/... ./plots/... ./datasets/...
done

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
