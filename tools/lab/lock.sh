#!/bin/sh
# Writes tools/lab/*.txt anew from tools/lab/*.in: the newest versions of all packages, down to the last one, each with the hashes of
# its files; then sees whether Jupyter's are ready-made for every Python and system that the lab is for.
set -eu
. "$(dirname "$0")/env.sh"

uv=$(sh "$root/tools/lab/tools.sh")/uv
cd "$root/tools/lab"
export UV_CACHE_DIR="$lab/cache/uv" UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never
for lock in requirements tools; do
	say "locking tools/lab/$lock.txt"
	"$uv" pip compile --quiet --upgrade --universal --python-version 3.9 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" "$lock.in" --output-file "$lock.txt"
done
say "locking tools/lab/peers.txt"
"$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" peers.in --output-file peers.txt
for system in x86_64-manylinux_2_28 aarch64-manylinux_2_28 x86_64-apple-darwin aarch64-apple-darwin; do
	for version in 3.9 3.10 3.11 3.12 3.13 3.14; do
		"$uv" pip install --quiet --dry-run --require-hashes --only-binary :all: --python-platform $system \
			--python-version $version --target "$lab/none" -r requirements.txt ||
			die "requirements.txt cannot be installed with Python $version on $system: hold back what has nothing ready-made for it, in requirements.in."
	done
	say "ready-made on $system: for Python 3.9 to 3.14"
done
