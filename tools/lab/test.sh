#!/bin/sh
# Everything that must hold before a change goes in, on the checkout as it is, in ten minutes on two cores.
# What takes longer is in tools/lab/ci.sh.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
begun=$(date +%s)
cc=$(go env CC)
command -v "${cc%% *}" >/dev/null ||
	die "the race detector needs a C compiler and '$cc' is not there: install gcc, then run make test again."
[ "$(go env CGO_ENABLED)" = 1 ] ||
	die "the race detector needs cgo, and CGO_ENABLED is 0: say CGO_ENABLED=1 make test."
for module in tools/check lib/blas/gen; do # what only the tests need; from here on nothing is fetched
	(cd "$module" && go mod download)
done
export GOPROXY=off

say "gofmt, go vet, staticcheck"
(cd tools/check && go build -o "$lab/check/" tool)
export PATH="$lab/check:$PATH"
unformatted=$(find . -path './.*' -prune -o -name '*.go' -exec gofmt -l {} +)
[ -z "$unformatted" ] || die "not formatted, run 'make fmt': $unformatted"
go vet ./...
staticcheck ./...

say "shellcheck"
shellcheck=$(sh tools/lab/tools.sh)/shellcheck
"$shellcheck" tools/lab/*.sh tools/image/image.sh .ci/run
"$shellcheck" --severity=warning tools/image/build/*.sh tools/image/bin/kernel tools/image/bin/caches

say "go test"
go test -coverprofile="$lab/cover.out" ./...
sh tools/lab/cover.sh 90

say "go test -race, where there are goroutines"
# shellcheck disable=SC2046
go test -race -short $(sh tools/lab/concurrent.sh)

say "the generators of assembly"
(cd lib/blas/gen && go vet ./... && go test ./...)

say "the library without assembly"
go test -tags noasm -short ./lib/blas ./lib/loss ./lib/model ./lib/objective ./lib/optim ./lib/train

say "as other systems' compilers read it"
# elsewhere SYSTEM PROCESSOR PACKAGE…: type-checks the packages and their tests. (soak.sh compiles and links them.)
elsewhere() {
	printf '%s/%s: ' "$1" "$2"
	system=$1
	processor=$2
	shift 2
	GOOS=$system GOARCH=$processor "$lab/check/elsewhere" "$@"
}
for pair in "darwin arm64" "windows amd64"; do
	# shellcheck disable=SC2086 # two words
	elsewhere $pair ./...
	# shellcheck disable=SC2086
	(cd examples/gomlx && elsewhere $pair ./...)
done
elsewhere linux 386 ./...
elsewhere js wasm ./lib/... ./plots/... ./datasets/...
(cd tools/kernel && elsewhere darwin arm64 ./...)
(cd tools/check && go vet ./... && staticcheck ./... && go test ./...)

say "the program with GoMLX"
(cd examples/gomlx && go vet ./... && staticcheck ./... && go test ./...)

say "the kernel's guard"
(cd tools/kernel && go vet ./... && staticcheck ./... && go test ./...)

say "the lab's own tests"
command -v busybox >/dev/null || ! command -v apt-get >/dev/null ||
	(install busybox apt-get install -y --no-install-recommends busybox) || say "without busybox: its tests are skipped"
"$(cat "$lab/python")" -m unittest discover -s tools/lab -p '*_test.py'

say "notebooks, the cells of each as one program"
sh tools/lab/notebooks.sh merged
say "all is well, after $((($(date +%s) - begun) / 60)) minutes"
