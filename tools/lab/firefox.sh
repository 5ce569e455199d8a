#!/bin/sh
# Makes sure of a Firefox as the system ships it, Debian's if it can be; prints its path. chromium.sh installs what drives it.
set -eu
. "$(dirname "$0")/env.sh"

if ! browser=$(command -v firefox-esr || command -v firefox); then
	package=firefox
	! command -v apt-get >/dev/null || package=firefox-esr
	sh "$root/tools/lab/install.sh" $package $package
	browser=$(command -v $package) || die "Firefox was installed, but there is no program '$package' on the PATH."
fi
echo "$browser"
