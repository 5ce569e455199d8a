#!/bin/sh
# Builds the kernel and the tools that it needs on its PATH, in the versions that tools/kernel/go.mod and tools/gopls/go.mod pin.
set -eu
export GOMODCACHE=/tmp/mod GOCACHE=/tmp/cache
cd /tmp/tools/kernel
mkdir -p /opt/descent/bin
go build -trimpath -ldflags='-s -w' -o /opt/descent/bin/ tool
(cd ../gopls && go build -trimpath -ldflags='-s -w' -o /opt/descent/bin/ tool)
# The licences of all that is linked into them.
for module in . ../gopls; do
	(cd $module && go list -deps -f '{{with .Module}}{{if not .Main}}{{if not .Replace}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}{{end}}' tool)
done | sort -u |
	while read -r path version dir; do
		mkdir -p "/opt/descent/licences/$path@$version"
		cp "$dir"/[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]* "$dir"/COPYING* "/opt/descent/licences/$path@$version/" 2>/dev/null || true
	done
# The list of it, for tools/image/bill.
mkdir -p /bill
(cd /tmp/bill && go build -o /tmp/cyclonedx-gomod github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod)
for tool in guard standin gonb goimports gopls; do
	/tmp/cyclonedx-gomod bin -json -licenses -assert-licenses -noserial -notimestamp -output /bill/tool-$tool.cdx.json /opt/descent/bin/$tool
done
mv /tmp/cyclonedx-gomod /bill/
chmod -R u+w /tmp/mod
rm -rf /tmp/mod /tmp/cache
