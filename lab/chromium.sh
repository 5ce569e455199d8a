#!/bin/sh
# Makes sure of a browser and of what drives it, in .lab/browser; prints the browser's path.
set -eu
. "$(dirname "$0")/env.sh"

mkdir -p "$lab"
command -v npm >/dev/null || die "the browser test needs Node.js 20 or later with npm: install them, then run it again."
if ! browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
	as_root=
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || die "the browser test needs Chromium and this account may not install it: run 'sudo apt-get install chromium', then run it again."
		as_root="sudo -n"
	fi
	say "installing chromium" >&2
	{ $as_root apt-get update && $as_root apt-get install -y --no-install-recommends chromium; } >"$lab/install.log" 2>&1 </dev/null ||
		die "apt-get could not install chromium; what it said is in .lab/install.log."
	browser=$(command -v chromium)
fi
mkdir -p "$lab/browser" && cp "$root"/lab/browser/* "$lab/browser/"
(cd "$lab/browser" && npm_config_cache="$lab/npm" npm ci --no-audit --no-fund --silent) >"$lab/npm.log" 2>&1 ||
	die "npm could not install playwright-core: check the network; what it said is in .lab/npm.log."
echo "$browser"
