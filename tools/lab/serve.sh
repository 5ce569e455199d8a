#!/bin/sh
# Serves the course: serve.sh ADDRESS PORT; the environment may have the token, as TOKEN.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
exec "$(cat "$lab/python")" "$root/tools/lab/serve.py" "$root" "$@"
