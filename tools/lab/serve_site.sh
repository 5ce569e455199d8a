#!/bin/sh
# Serves the static site on 127.0.0.1, as any host of files would: serve_site.sh PORT
set -eu
. "$(dirname "$0")/env.sh"

[ -e "$lab/site/playground.wasm.gz" ] || sh "$root/tools/lab/site.sh"
say "open http://127.0.0.1:$1/ (Ctrl-C ends it)"
exec "$(cat "$lab/python")" -m http.server --bind 127.0.0.1 --directory "$lab/site" "$1" >"$lab/serve-site.log" 2>&1
