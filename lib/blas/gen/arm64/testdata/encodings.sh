#!/bin/sh
# Writes encodings.txt: what GNU's assembler (binutils-aarch64-linux-gnu) makes of the mnemonics in a list.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
(cd .. && PRINT_INSTRUCTIONS=1 go test -run TestEncodings . -v) | sed -n 's/^instruction: [0-9a-f]* //p' >"$work/a.s"
aarch64-linux-gnu-as -o "$work/a.o" "$work/a.s"
aarch64-linux-gnu-objdump -d "$work/a.o" | awk 'NF > 3 && $2 ~ /^[0-9a-f]+$/ && length($2) == 8 { printf "%s %s", $2, $3; for (i = 4; i <= NF; i++) printf " %s", $i; print "" }' |
	sort >encodings.txt
