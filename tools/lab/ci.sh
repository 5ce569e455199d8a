#!/bin/sh
# What must hold beyond tools/lab/test.sh before a change is merged: ci.sh [STEP…]
# Each step says how long it took, and how long it may take on two cores.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"

# As another processor: Go fuses x*y + z on arm64, and the first notebook must train there.
arm64() { sh tools/lab/emulate.sh arm64 -short; }

# Go's loops fused on this processor, beside assembly; soak.sh has all packages and cases.
fused() {
	if [ "$(go env GOHOSTARCH)" != amd64 ] || ! grep -qw fma /proc/cpuinfo || ! grep -qw avx2 /proc/cpuinfo; then
		say "GOAMD64=v3 needs an amd64 processor with AVX2 and FMA under Linux: not tested here"
		return
	fi
	GOAMD64=v3 go test -short ./lib/blas ./lib/loss ./lib/model ./lib/optim
}

kernel() { sh tools/lab/kernel_test.sh; }
# Without those that train for minutes, which make test has executed as one program each. LATER= executes them, too.
notebooks() { LATER="${LATER-06b2 06c3 06d 06e 08c}" sh tools/lab/notebooks.sh test; }
browser() { sh tools/lab/browser.sh && sh tools/lab/kernel_browser.sh; }
vulnerabilities() { sh tools/lab/vuln.sh; }
# Of the notebooks, which a step before has executed, those that use most of what lies around in the image: commands, GoMLX, texts,
# modules. make image-test executes all of them there, and has all tests.
image() { SAMPLE=1 NOTEBOOKS='00* 05b* 06c-* 09*' sh tools/image/image.sh test; }

# Training on Beam, with worker processes that are killed, and the small modules of Parquet and of sketches. They are apart, so
# that nothing else waits for them.
beam() {
	(cd tools/check && go build -o "$lab/check/" tool)
	for module in lib/beam lib/parquet lib/sketch; do
		(cd "$module" && go vet ./... && "$lab/check/staticcheck" ./... && go test ./...)
	done
}

step() {
	say "$1: at most $2 minutes"
	begun=$(date +%s)
	("$1") # the whole script ends where it fails
	took=$((($(date +%s) - begun + 59) / 60))
	say "$1 took $took of $2 minutes"
	[ "$took" -le "$2" ] || say "$1 IS OVER ITS TIME on $(getconf _NPROCESSORS_ONLN) cores"
}

[ $# -gt 0 ] || set -- arm64 fused beam vulnerabilities kernel notebooks browser image
for name; do
	case $name in
	arm64 | browser) step "$name" 12 ;;
	vulnerabilities | kernel | image) step "$name" 10 ;;
	beam) step "$name" 8 ;;
	fused) step "$name" 4 ;;
	notebooks) step "$name" 15 ;;
	*) die "there is no step '$name': choose of arm64, fused, beam, vulnerabilities, kernel, notebooks, browser and image." ;;
	esac
done
say "ci: all is well"
