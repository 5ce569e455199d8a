#!/bin/sh
# Builds the image with docker or podman, or tests it: image.sh build | test [WORD]
set -eu
unset CDPATH
cd -- "$(dirname -- "$0")/../.."

version() {
	git describe --tags --always 2>/dev/null || echo unreleased
}

# What this checkout is, as arguments of the build.
labels() {
	echo "--build-arg VERSION=$(version)"
	echo "--build-arg REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
	echo "--build-arg CREATED=$(git log -1 --format=%cI 2>/dev/null || true)"
}

case $1 in
labels) labels ;;
build)
	for engine in docker podman none; do
		"$engine" info >/dev/null 2>&1 && break
	done
	[ "$engine" != none ] || { echo "image: neither docker nor podman answers: install or start one of them." >&2; exit 1; }
	# shellcheck disable=SC2046
	exec "$engine" build --tag descent --tag "descent:$(version)" $(labels) .
	;;
test)
	[ "$(id -u)" = 0 ] || { echo "image: the test makes containers with podman, and needs root: sudo make image-test." >&2; exit 1; }
	exec python3 -u -B tools/image/test/run.py "${2:-}"
	;;
esac
