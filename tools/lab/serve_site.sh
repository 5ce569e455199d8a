#!/bin/sh
# Serves the static site on 127.0.0.1, as any host of files would: serve_site.sh PORT
set -eu
. "$(dirname "$0")/env.sh"

[ -e "$lab/site/sw.js" ] || sh "$root/tools/lab/site.sh"
exec node "$root/tools/site/serve.mjs" "$lab/site" "$1"
