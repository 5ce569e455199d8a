#!/bin/sh
# Makes sure of a browser and of what drives it, in .lab/browser; prints the browser's path.
set -eu
. "$(dirname "$0")/env.sh"

lab_folder
command -v npm >/dev/null || die "the browser test needs Node.js 20 or later with npm: install them, then run it again."
if ! browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
	sh "$root/tools/lab/install.sh" chromium chromium
	browser=$(command -v chromium) || die "Chromium was installed, but there is no program 'chromium' on the PATH."
fi
mkdir -p "$lab/browser" && cp "$root"/tools/lab/browser/* "$lab/browser/"
if ! cmp -s "$lab/browser/package-lock.json" "$lab/browser/installed"; then
	(cd "$lab/browser" && npm_config_cache="$lab/npm" npm ci --no-audit --no-fund --silent) >"$lab/npm.log" 2>&1 ||
		die "npm could not install what drives the browser: $(blame npm.log)."
	cp "$lab/browser/package-lock.json" "$lab/browser/installed"
fi
echo "$browser"
