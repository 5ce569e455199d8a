#!/bin/sh
# The engine of the course's page, which runs and compiles cells in a reader's browser: engine.sh build|current|test|soak|report|times
#
#	build   builds it in .lab/engine, unless it is newer than its sources
#	current tells whether it is: 0 or 1
#	test    tries it in Chromium: the cells of four chapters, changed cells, stops, faults
#	soak    runs all cells of all chapters and the answers to all exercises there
#	report  writes what came of the cells into docs/page.md, as soak does at its end
#	times   measures it, and writes docs/performance.md
set -eu
. "$(dirname "$0")/env.sh"

go_env
cd "$root"

stamp=$lab/engine.stamp

current() {
	[ -e "$lab/engine/index.json" ] && [ -e "$stamp" ] && [ "$(go env GOVERSION)" = "$(cat "$stamp")" ] &&
		[ -z "$(find go.mod internal lib datasets plots course/check notebooks tools/page examples/frameworks -newer "$stamp" -type f | head -n 1)" ]
}

build() {
	! current || return 0
	say "the engine of the page: three minutes, with warm caches one"
	go env GOVERSION >"$stamp.new"
	go run ./tools/page -o "$lab/engine" >"$lab/engine.log" || die "the engine cannot be built: $(blame engine.log)."
	mv "$stamp.new" "$stamp"
}

report() { node "$lab/browser/report.mjs" "$lab/engine" notebooks "$lab/cells" docs/page.md tools/site/slow.json; }

lab_folder
if [ "${1:-build}" = current ]; then
	current
	exit
fi
build
[ "${1:-build}" != build ] || exit 0
[ "$1" != soak ] || go run ./tools/page/answers >"$lab/answers.json"
browser=$(sh tools/lab/chromium.sh)
# The browser writes its caches below HOME; this keeps them in the checkout.
mkdir -p "$lab/home"
export HOME="$lab/home" XDG_CACHE_HOME="$lab/home/.cache" XDG_CONFIG_HOME="$lab/home/.config"
case $1 in
test)
	node "$lab/browser/engine.mjs" "$lab/engine" notebooks "$browser"
	node "$lab/browser/cells.mjs" "$lab/engine" notebooks "$browser" "$lab/cells-some" 30 all \
		00-start-here 03b-adam 04-linear-and-logistic-regression 04d-automatic-differentiation
	;;
soak)
	node "$lab/browser/cells.mjs" "$lab/engine" notebooks "$browser" "$lab/cells" 1800 all
	report
	node "$lab/browser/engine.mjs" "$lab/engine" notebooks "$browser" "$lab/answers.json"
	;;
report) report ;;
times) node "$lab/browser/times.mjs" "$lab/engine" notebooks "$browser" docs/performance.md ;;
*) die "engine.sh build|current|test|soak|report|times, not '$1'." ;;
esac
