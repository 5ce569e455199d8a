#!/bin/sh
# Makes sure of a command, by the system's package manager where it is missing: install.sh COMMAND PACKAGE
set -eu
. "$(dirname "$0")/env.sh"

command -v "$1" >/dev/null && exit
if command -v apt-get >/dev/null; then
	install "$2" apt-get install -y --no-install-recommends "$2"
elif command -v dnf >/dev/null; then
	install "$2" dnf install -y "$2"
elif command -v pacman >/dev/null; then
	install "$2" pacman -Sy --noconfirm "$2"
elif command -v brew >/dev/null; then
	install "$2" brew install "$2"
else
	die "'$1' is missing, and so is apt-get, dnf, pacman or brew: install $2, then run it again."
fi
command -v "$1" >/dev/null || die "$2 was installed and has no '$1' on the PATH."
