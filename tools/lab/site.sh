#!/bin/sh
# Builds the executed course as a static site in .lab/site. Nothing is executed for it: pages show what the
# notebooks hold.
set -eu
. "$(dirname "$0")/env.sh"

go_env
jupyter_env
python=$(cat "$lab/python")
"$python" -c 'import nbconvert' 2>/dev/null ||
	die "the static site needs nbconvert, which '$python' has not: install it (python3-nbconvert, or pip install nbconvert), then run make html again."
command -v npm >/dev/null || die "the static site needs Node.js 20 or later with npm, for the formulas: install them, then run make html again."

# KaTeX, the version of the lock file, once.
tools=$lab/site-tools
mkdir -p "$tools"
if ! cmp -s "$root/tools/lab/site/package-lock.json" "$tools/installed"; then
	cp "$root/tools/lab/site/package.json" "$root/tools/lab/site/package-lock.json" "$tools/"
	(cd "$tools" && npm_config_cache="$lab/npm" npm ci --no-audit --no-fund --silent) >"$lab/npm.log" 2>&1 ||
		die "npm could not install KaTeX: $(blame npm.log)."
	(cd "$tools" && npm sbom --omit dev --sbom-format cyclonedx) >"$tools/bom.cdx.json" 2>>"$lab/npm.log" ||
		die "npm could not list what the site ships: it takes npm 10 or later; what it said is in .lab/npm.log."
	cp "$tools/package-lock.json" "$tools/installed"
fi

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
exec "$python" "$root/tools/lab/publish.py" "$root" "$lab/site" "$tools/node_modules/katex" "$lab/playground"
