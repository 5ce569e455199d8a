#!/bin/sh
# Makes sure of a command, by the system's package manager where it is missing: install.sh COMMAND PACKAGE
set -eu
. "$(dirname "$0")/env.sh"

command -v "$1" >/dev/null && exit
mkdir -p "$lab"
as_root=
if [ "$(id -u)" != 0 ]; then
	sudo -n true 2>/dev/null || die "'$1' is missing and this account may not install it: install the package $2, then run it again."
	as_root="sudo -n"
fi
say "installing $2" >&2
if command -v apt-get >/dev/null; then
	set -- "$1" "$2" "$as_root apt-get update -q && $as_root apt-get install -y --no-install-recommends $2"
elif command -v dnf >/dev/null; then
	set -- "$1" "$2" "$as_root dnf install -y $2"
elif command -v pacman >/dev/null; then
	set -- "$1" "$2" "$as_root pacman -Sy --noconfirm $2"
elif command -v brew >/dev/null; then
	set -- "$1" "$2" "brew install $2"
else
	die "'$1' is missing, and so is apt-get, dnf, pacman or brew: install $2, then run it again."
fi
sh -c "$3" >"$lab/install.log" 2>&1 </dev/null || true
command -v "$1" >/dev/null ||
	die "$2 could not be installed, or has no '$1'; what was said is in .lab/install.log."
