#!/bin/sh
# Measures the site that is in .lab/site with Lighthouse: lighthouse.sh [judge]. Accessibility and best practices must be 95 or
# more; performance, too, with "judge".
set -eu
. "$(dirname "$0")/env.sh"

browser=$(sh "$root/tools/lab/chromium.sh")
mkdir -p "$lab/home"
HOME=$lab/home XDG_CACHE_HOME=$lab/home/.cache XDG_CONFIG_HOME=$lab/home/.config node "$lab/browser/lighthouse.mjs" "$lab/site" "$root" "$browser" "$@"
