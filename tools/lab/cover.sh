#!/bin/sh
# Prints the coverage of each package of the library and the datasets from .lab/cover.out, and
# fails where one is under the bar: cover.sh PERCENT
set -eu
. "$(dirname "$0")/env.sh"

awk -v bar="$1" '
	NR > 1 {
		split($1, at, ":")
		package = at[1]
		sub("/[^/]*$", "", package)
		sub("^github.com/descent-go/descent/", "", package)
		if (package !~ "^(lib/|datasets)") next
		# A block stands in the profile once for each test binary that was built with it.
		if (!($1 in size)) { size[$1] = $2; home[$1] = package }
		if ($3 > 0) hit[$1] = 1
	}
	END {
		for (block in size) {
			all[home[block]] += size[block]
			if (block in hit) covered[home[block]] += size[block]
		}
		for (package in all) {
			percent = 100 * covered[package] / all[package]
			printf "%5.1f %%  %s%s\n", percent, package, percent < bar ? "  under the bar of " bar " %" : "" | "sort -k3"
			low += percent < bar
		}
		close("sort -k3")
		exit low > 0
	}' "$lab/cover.out"
