#!/bin/sh
# Builds the executed course as a static site in .lab/site. Nothing is executed for it: pages show what the
# notebooks hold. If the engine is there and as new as its sources (engine.sh build), cells can be run and changed.
set -eu
. "$(dirname "$0")/env.sh"

lab_folder
check_go
go_env
command -v npm >/dev/null || die "the static site needs Node.js 20 or later with npm: install them, then run make html again."

# What builds it, the versions of the lock file, once.
tools=$lab/site-tools
mkdir -p "$tools"
if ! cmp -s "$root/tools/site/package-lock.json" "$tools/installed"; then
	rm -rf "$tools"
	mkdir -p "$tools"
	cp "$root/tools/site/package.json" "$root/tools/site/package-lock.json" "$tools/"
	(cd "$tools" && npm_config_cache="$lab/npm" npm ci --no-audit --no-fund --silent) >"$lab/npm.log" 2>&1 ||
		die "npm could not install what the site is built with: $(blame npm.log)."
	cp "$tools/package-lock.json" "$tools/installed"
fi
rm -rf "$tools/theme" "$tools/public"
cp -R "$root"/tools/site/*.mjs "$root/tools/site/theme" "$root/tools/site/public" "$root/tools/page/engine/picture.js" "$tools/"

# The library for the playground, compiled for browsers.
mkdir -p "$lab/playground"
(cd "$root" && GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o "$lab/playground/playground.wasm" ./course/playground/wasm) ||
	die "the playground cannot be compiled for browsers."
cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" "$lab/playground/"
# What is in that program: the modules of others and Go itself, and the licences that go with it.
(cd "$root" && {
	echo "std $(go env GOVERSION | sed s/^go//)"
	GOOS=js GOARCH=wasm go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}' ./course/playground/wasm | sort -u
}) | sed '/^$/d' >"$lab/playground/modules.txt"
{
	printf 'The playground computes with Go and with these modules.\n\n== Go ==\n\n'
	cat "$(go env GOROOT)/LICENSE"
	sed -n '2,$s/ .*//p' "$lab/playground/modules.txt" | while read -r module; do
		printf '\n== %s ==\n\n' "$module"
		cat "$(cd "$root" && go list -m -f '{{.Dir}}' "$module")/LICENSE"
	done
} >"$lab/playground/licences.txt" || die "the licences of the playground's modules cannot be read."
# Which cells cannot run in a page, and why.
(cd "$root" && go run ./tools/page -not-here) >"$lab/not-here.json" || die "the notebooks' cells cannot be read."
set --
engine="make serve-site builds what runs cells"
if sh "$root/tools/lab/engine.sh" current; then
	set -- "$lab/engine"
	engine="cells can be run and changed"
fi
export CI=1 VITE_CJS_IGNORE_WARNING=1
node "$tools/build.mjs" "$root" "$lab/site" "$lab" "$@" >"$lab/site.log" 2>&1 || {
	cat "$lab/site.log" >&2
	exit 1
}
say "$(sed -n '$s/^lab: //p' "$lab/site.log"); $engine"
