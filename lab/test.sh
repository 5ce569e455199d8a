#!/bin/sh
# Everything that must hold before a change goes in, on the checkout as it is.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
(cd tools/check && go mod download) # what only the tests need; from here on nothing is fetched
export GOPROXY=off
cc=$(go env CC)
command -v "${cc%% *}" >/dev/null ||
	die "the race detector needs a C compiler and '$cc' is not there: install gcc, then run make test again."

say "gofmt, go vet, staticcheck"
(cd tools/check && go build -o "$lab/check/" tool)
export PATH="$lab/check:$PATH"
unformatted=$(find . -path './.*' -prune -o -name '*.go' -exec gofmt -l {} +)
[ -z "$unformatted" ] || die "not formatted, run 'make fmt': "$unformatted
go vet ./...
staticcheck ./...

say "go test -race"
go test -race -coverprofile="$lab/cover.out" ./...
sh lab/cover.sh 90

say "the library without assembly, and compiled for arm64"
go test -tags noasm ./lib/blas ./lib/loss ./lib/model ./lib/objective ./lib/optim ./lib/train
GOARCH=arm64 go vet ./...
GOARCH=arm64 go test -exec true ./lib/... >/dev/null # builds and links the tests

say "the program with GoMLX"
(cd gomlx && go vet ./... && staticcheck ./... && go test ./...)

say "the lab's own tests"
(cd lab/cells/uuid && go vet . && staticcheck . && go test .)
"$(cat "$lab/python")" -m unittest discover -s lab -p '*_test.py'

say "notebooks"
sh lab/notebooks.sh test
say "all is well"
