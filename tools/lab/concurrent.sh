#!/bin/sh
# Prints the packages that the race detector has something to find in: those whose source or tests start
# a goroutine, share memory by package sync, or give work to internal/crew or rows.Parts.
#
# The others (optimizers, losses' formulas, files, metrics …) may call those that do, but a function that
# returns when its workers are done leaves no second goroutine to its caller: what these share is what
# they were given in their own package, and there it is tested. (internal/docs only speaks of goroutines.)
set -eu
unset CDPATH # with it 'cd' may go to another checkout
cd -- "$(dirname -- "$0")/../.."

grep -rlE --include='*.go' --exclude-dir='.*' --exclude-dir=node_modules --exclude-dir=testdata --exclude-dir=beam --exclude-dir=gopeers --exclude-dir=gen --exclude-dir=docs \
	'^[[:space:]]*go (func|[A-Za-z_.]+)\(|^[[:space:]]*"(sync|sync/atomic|golang.org/x/sync/.*)"|internal/crew"|rows\.Parts|\.Parallel\(\)' \
	course datasets examples internal lib plots tools/bench tools/lab/merge | sed 's,\(.*\)/.*,./\1,' | sort -u
