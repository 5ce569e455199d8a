#!/bin/sh
# Builds the kernel and the tools that it needs on its PATH, in the versions that tools/go.mod pins.
set -eu
export GOMODCACHE=/tmp/mod GOCACHE=/tmp/cache
cd /tmp/tools
mkdir -p /opt/descent/bin
go build -trimpath -ldflags='-s -w' -o /opt/descent/bin/ ./kernel/guard ./kernel/standin \
	github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports golang.org/x/tools/gopls
# The licences of all that is linked into them.
go list -deps -f '{{with .Module}}{{if not .Main}}{{if not .Replace}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}{{end}}' \
	./kernel/guard github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports golang.org/x/tools/gopls | sort -u |
	while read -r path version dir; do
		mkdir -p "/opt/descent/licences/$path@$version"
		cp "$dir"/[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]* "$dir"/COPYING* "/opt/descent/licences/$path@$version/" 2>/dev/null || true
	done
chmod -R u+w /tmp/mod
rm -rf /tmp/mod /tmp/cache
