#!/bin/sh
# Everything that must hold before a change goes in, on the checkout as it is.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
export GOPROXY=off
cd "$root"
cc=$(go env CC)
command -v "${cc%% *}" >/dev/null ||
	die "the race detector needs a C compiler and '$cc' is not there: install gcc, then run make test again."
[ "$(go env CGO_ENABLED)" = 1 ] ||
	die "the race detector needs cgo, and CGO_ENABLED is 0: say CGO_ENABLED=1 make test."

say "gofmt, go vet, staticcheck"
unformatted=$(find . -path './.*' -prune -o -name '*.go' -exec gofmt -l {} +)
[ -z "$unformatted" ] || die "not formatted, run 'make fmt': $unformatted"
go vet ./...
staticcheck ./...

say "shellcheck"
shellcheck=$(sh lab/tools.sh)/shellcheck
"$shellcheck" lab/*.sh image/image.sh .ci/run
"$shellcheck" --severity=warning image/build/*.sh image/bin/kernel image/bin/caches

say "go test -race"
go test -race -coverprofile="$lab/cover.out" ./...
sh lab/cover.sh 90

say "the library without assembly, and compiled for arm64"
go test -tags noasm ./lib/blas ./lib/model ./lib/train
GOARCH=arm64 go vet ./...
GOARCH=arm64 go test -exec true ./lib/... >/dev/null # builds and links the tests

say "the program with GoMLX"
(cd gomlx && go vet ./... && staticcheck ./... && go test ./...)

say "the lab's own tests"
(cd lab/cells/uuid && go vet . && staticcheck . && go test .)
command -v busybox >/dev/null || ! command -v apt-get >/dev/null ||
	(install busybox apt-get install -y --no-install-recommends busybox) || say "without busybox: its tests are skipped"
"$(cat "$lab/python")" -m unittest discover -s lab -p '*_test.py'

say "notebooks"
sh lab/notebooks.sh test
say "all is well"
