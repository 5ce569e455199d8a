#!/bin/sh
# Looks for known vulnerabilities in every module: govulncheck with the database that the module
# proxy serves, so that no other address is asked. A dependency with one in a package that is imported
# fails, whether its functions are called or not; what the installed Go has itself is said, since only
# a newer Go mends it.
set -eu
. "$(dirname "$0")/env.sh"

go_env
bin=$lab/vuln
mkdir -p "$bin"
cd "$root/tools/vuln"
say "building govulncheck and its database"
go build -o "$bin/" tool
"$bin/indexdb" -vulns "$(go list -m -f '{{.Dir}}' golang.org/x/vulndb)/data/osv" -out "$bin/db"
for module in . lib/beam lib/parquet lib/sketch examples/gomlx tools/kernel tools/gopls tools/check tools/vuln tools/bench/gopeers lib/blas/gen tools/image/bill; do
	cd "$root/$module"
	packages=./...
	# A module of tools has no packages but those of its tools.
	case $module in tools/bench/*) ;; tools/*) packages=tool ;; esac
	"$bin/govulncheck" -scan package -db "file://$bin/db" -format json $packages >"$bin/found.json"
	"$(cat "$lab/python")" "$root/tools/lab/vuln.py" "$module" <"$bin/found.json"
done
