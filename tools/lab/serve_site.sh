#!/bin/sh
# Serves the static site with its engine on 127.0.0.1, as any host of files would: serve_site.sh PORT
set -eu
. "$(dirname "$0")/env.sh"

cd "$root"
# The site can be read all the same.
(sh tools/lab/engine.sh build) || say "the cells of this site cannot be run" >&2
site=$lab/site/sw.js
if [ ! -e "$site" ] || ! cmp -s "$lab/engine/index.json" "$lab/site/engine/index.json" ||
	[ -n "$(find notebooks docs tools/site tools/page tools/lab/site.sh course/playground lib internal -newer "$site" -type f | head -n 1)" ]; then
	sh tools/lab/site.sh
fi
exec node tools/site/serve.mjs "$lab/site" "$1"
