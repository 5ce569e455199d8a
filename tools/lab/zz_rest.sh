set -eu
. "$(dirname "$0")/env.sh"
go_env
jupyter_env
cd "$root"
export GOPROXY=off
export PATH="$lab/check:$PATH"
t() { echo "$(date +%T) $*"; }
t noasm
go test -tags noasm -short ./lib/blas ./lib/loss ./lib/model ./lib/objective ./lib/optim ./lib/train
t compiles
compiles() {
	echo "$1/$2"
	system=$1; processor=$2; shift 2
	GOOS=$system GOARCH=$processor go build -o /dev/null "$@"
	GOOS=$system GOARCH=$processor go vet -asmdecl "$@"
}
for pair in "darwin arm64" "windows amd64"; do
	compiles $pair ./...
	(cd examples/gomlx && compiles $pair ./...)
done
compiles js wasm ./lib/... ./plots/... ./datasets/...
compiles linux 386 ./...
t gomlx
(cd examples/gomlx && go vet ./... && staticcheck ./... && go test ./...)
t guard
(cd tools/kernel && go vet ./... && staticcheck ./... && go test ./...)
t lab
"$(cat "$lab/python")" -m unittest discover -s tools/lab -p '*_test.py'
t notebooks
sh tools/lab/notebooks.sh merged
t end
