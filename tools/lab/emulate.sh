#!/bin/sh
# Runs the library's tests and the first notebook as another processor would: emulate.sh arm64 [-short]
# Debian's qemu-user executes programs for ppc64le, riscv64 and s390x (big-endian) as well.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
arch=$1
shift
case $arch in
arm64) emulator=qemu-aarch64 ;;
ppc64le | riscv64 | s390x) emulator=qemu-$arch ;;
*) die "there is no emulator for '$arch': choose arm64, ppc64le, riscv64 or s390x." ;;
esac
if [ "$(go env GOHOSTARCH)" = "$arch" ]; then
	emulator= # this is such a machine
else
	sh tools/lab/install.sh "$emulator" qemu-user
fi
export GOARCH="$arch" DESCENT_ARCH="$arch" DESCENT_EMULATOR="$emulator"

say "$arch: the tests of lib, datasets and plots"
# (Those that take long come first, so that none of them is waited for at the end.)
go test ${emulator:+-exec "$emulator"} -timeout 60m "$@" ./lib/blas ./plots ./lib/model ./lib/solve ./lib/tabular ./lib/train ./internal/crew ./internal/number ./internal/pages ./lib/... ./datasets/... ./plots/...
say "$arch: the first notebook, compared to the letter"
sh tools/lab/notebooks.sh merged '00*'
