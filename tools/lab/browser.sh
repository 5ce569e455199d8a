#!/bin/sh
# Serves the course as a learner does, and runs its first notebook and that of chapter 4 in a real browser; then opens the
# static site there, as on a phone, runs and changes cells in its pages, and plays in its playground. Two chapters run in
# Firefox, too.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
cd "$root"
browser=$(sh tools/lab/chromium.sh)
firefox=$(sh tools/lab/firefox.sh)

set -- notebooks/00-start-here.ipynb notebooks/04-linear-and-logistic-regression.ipynb
for notebook; do
	[ -e "$notebook" ] || die "$notebook is not there."
done

# JupyterLab draws only the cells in view, unless it is told not to.
export JUPYTERLAB_SETTINGS_DIR="$lab/jupyter/browser-settings"
mkdir -p "$JUPYTERLAB_SETTINGS_DIR/@jupyterlab/notebook-extension"
echo '{"windowingMode": "none"}' >"$JUPYTERLAB_SETTINGS_DIR/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"

# A learner who has done nothing yet, and leaves nothing behind.
export DESCENT_PROGRESS="$lab/progress.jsonl"
rm -f "$DESCENT_PROGRESS"

port=$("$(cat "$lab/python")" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sh tools/lab/serve.sh 127.0.0.1 "$port" >"$lab/serve.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true' EXIT
for _ in $(seq 300); do
	address=$(sed -n 's/^lab: open \([^ ]*\).*/\1/p' "$lab/serve.log")
	if [ -n "$address" ] || ! kill -0 $server 2>/dev/null; then break; fi
	sleep 0.2
done
[ -n "$address" ] || die "the lab did not start: $(cat "$lab/serve.log")"

say "in the browser"
# The browser writes its caches below HOME; this keeps them in the checkout. Go keeps to its own.
mkdir -p "$lab/home"
drive() {
	name=$1
	shift
	HOME=$lab/home XDG_CACHE_HOME=$lab/home/.cache XDG_CONFIG_HOME=$lab/home/.config node "$lab/browser/$name.mjs" "$@"
}
drive lab "$address" "$browser" "$lab/shots" "$@"
drive learner "$address" "$browser" "$lab/shots"

say "the static site"
sh tools/lab/engine.sh build
sh tools/lab/site.sh
(cd "$lab/site-tools" && node --test site.test.mjs) >"$lab/site-test.log" 2>&1 || { cat "$lab/site-test.log" >&2; exit 1; }
go build -o "$lab/playground/answer" ./course/playground/answer
drive site "$lab/site" "$root" "$lab/playground/answer" "$browser" "$lab/shots"
sh tools/lab/lighthouse.sh

say "cells that take less than five seconds, of every third chapter, in the page; engine.sh soak runs all of all chapters"
drive newcomer "$lab/site" "$root" "$browser" "$lab/shots"
# shellcheck disable=SC2046
drive cells "$lab/engine" notebooks "$browser" "$lab/cells-quick" 600 tools/site/slow.json \
	$(cd notebooks && printf '%s\n' *.ipynb | awk 'NR % 3 == 2 { sub(/\.ipynb$/, ""); print }')
drive cells "$lab/engine" notebooks "$firefox" "$lab/cells-firefox" 60 all 04-linear-and-logistic-regression 04d-automatic-differentiation
drive firefox "$lab/site" "$root" "$firefox" 04-linear-and-logistic-regression 04d-automatic-differentiation

say "the playground"
node tools/site/serve.mjs "$lab/site" 0 >"$lab/serve-site.out" 2>&1 &
site=$!
trap 'kill $server $site 2>/dev/null || true; wait $server $site 2>/dev/null || true' EXIT
for _ in $(seq 100); do
	address=$(sed -n 's/^lab: open \([^ ]*\).*/\1/p' "$lab/serve-site.out")
	if [ -n "$address" ] || ! kill -0 $site 2>/dev/null; then break; fi
	sleep 0.2
done
[ -n "$address" ] || die "the site is not served: $(cat "$lab/serve-site.out")"
drive playground "$address" "$root" "$lab/playground/answer" "$browser" "$lab/shots"
