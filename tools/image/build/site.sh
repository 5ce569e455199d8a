#!/bin/sh
# Builds the site, with what runs and compiles cells in a browser, in /site: site.sh tools, then site.sh build. The first fetches what is
# needed for it alone: Node.js, and the sources of Go's commands, which the image does not keep.
set -eu
if [ "$1" = tools ]; then
	. /mnt/env
	export DEBIAN_FRONTEND=noninteractive
	set --
	if [ -n "$MIRROR" ]; then
		printf 'deb %s trixie main\ndeb %s trixie-backports main\n' "$MIRROR" "$MIRROR" >/tmp/build.list
		set -- -o Dir::Etc::SourceList=/tmp/build.list -o Dir::Etc::SourceParts=/dev/null
	fi
	apt-get -qq "$@" update
	apt-get -qq "$@" -o Dpkg::Use-Pty=0 install --no-install-recommends nodejs npm
	mkdir /tmp/go
	# The sources of the very version of Go that is installed: packages and compiler must be of one.
	(cd /tmp/go && apt-get -qq "$@" -o APT::Sandbox::User=root download "golang-1.26-src=$(dpkg-query -W -f '${Version}' golang-1.26-go)")
	dpkg-deb --fsys-tarfile /tmp/go/*.deb | tar -x -C / --no-same-owner ./usr/share/go-1.26/src/cmd
	# Debian has Go's licence with those of all packages; the site takes it from where Go itself has it.
	cp /usr/share/doc/golang-1.26-go/copyright "$(go env GOROOT)/LICENSE"
	exit
fi
cd /course
export GOCACHE=/tmp/go-build NODE_EXTRA_CA_CERTS="$SSL_CERT_FILE"
[ -z "$NPM_REGISTRY" ] || export npm_config_registry="$NPM_REGISTRY"
sh tools/lab/engine.sh build
sh tools/lab/site.sh
mv .lab/site /site
chmod -R go-w,a+rX /site
