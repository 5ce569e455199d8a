#!/bin/sh
# Installs from Debian what the image runs. Debian's jupyterlab and jupyterhub depend on the tools
# that build their front ends (Node.js, webpack …); here their files are unpacked, and of what they
# depend on only the Python part is installed.
set -eu
. /mnt/env
suite=trixie
export DEBIAN_FRONTEND=noninteractive

cat >/etc/dpkg/dpkg.cfg.d/descent <<'CONF'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/go-1.26/api/*
path-exclude=/usr/share/go-1.26/misc/*
path-exclude=/usr/share/go-1.26/test/*
path-exclude=/usr/share/go-1.26/src/cmd/*
path-exclude=/usr/share/go-1.26/src/*_test.go
path-exclude=/usr/share/go-1.26/src/*/testdata/*
path-exclude=/usr/share/go-1.26/src/*.syso
path-exclude=/usr/lib/python3/dist-packages/*-stubs/*
path-exclude=/usr/share/python-babel-localedata/locale-data/*
path-include=/usr/share/python-babel-localedata/locale-data/root.dat
path-include=/usr/share/python-babel-localedata/locale-data/en*.dat
path-include=/usr/share/python-babel-localedata/locale-data/zh*.dat
CONF

# The image's own sources are Debian's as they were on one day, which Debian's archive of its own past keeps:
# the same day gives the same packages, in this build, in a later one, and in images on top of this one. A past
# day's index is out of date by nature; that of a mirror may not be.
dated() {
	cat <<-CONF
		Types: deb
		URIs: http://snapshot.debian.org/archive/$1/$SNAPSHOT
		Suites: $2
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
		Check-Valid-Until: no

	CONF
}
sources=/etc/apt/sources.list.d/debian.sources
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
{ dated debian "$suite $suite-updates $suite-backports" && dated debian-security "$suite-security"; } >$sources
# The mirrors of this build stay out of the image.
if [ -n "$MIRROR" ]; then
	sources=/tmp/build.list
	cat >$sources <<-CONF
		deb $MIRROR $suite main
		deb $MIRROR $suite-updates main
		deb $MIRROR $suite-backports main
		deb ${SECURITY:-$MIRROR-security} $suite-security main
	CONF
fi
# What the base has of a later day becomes that day's, too.
for name in $suite $suite-updates $suite-security; do
	printf 'Package: *\nPin: release n=%s\nPin-Priority: 1001\n\n' "$name"
done >/tmp/preferences
apt() {
	apt-get -qq -o Dir::Etc::SourceList=$sources -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/tmp/preferences \
		-o Dpkg::Use-Pty=0 "$@"
}
apt update
apt dist-upgrade --allow-downgrades
mkdir /tmp/front
(cd /tmp/front && apt -o APT::Sandbox::User=root download jupyterlab jupyterhub)
# ipykernel brings a Python kernel with its debugger, python3-notebook the classic interface.
python=$(for deb in /tmp/front/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',|' '\n\n' |
	sed -n 's/^ *\(python3-[a-z0-9-]*\).*/\1/p' | sort -u |
	grep -v -x -e python3-ipykernel -e python3-notebook -e python3-supported-min)
# shellcheck disable=SC2086
apt install --no-install-recommends ca-certificates golang-1.26-go jupyter-core tini $python
for deb in /tmp/front/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C / --no-same-owner \
		--exclude='./usr/share/nodejs' --exclude='*.js.map' --exclude='./usr/share/doc/node-*' \
		--exclude='./usr/share/jupyterhub/static/components/@fortawesome/*' \
		--exclude='./usr/lib/python3/dist-packages/*/tests' \
		--exclude='./usr/lib/python3/dist-packages/jupyterlab/galata' --exclude='./usr/bin/jlpm' \
		--exclude='./usr/share/applications' --exclude='./usr/share/icons' --exclude='./lib' --exclude='./usr/lib/systemd'
done
rm /etc/jupyter/jupyter_server_config.d/notebook_shim.json # for the classic interface; warns at each start
# dpkg does not know of them: the list of packages reads this.
mkdir -p /usr/share/descent
for deb in /tmp/front/*.deb; do dpkg-deb -f "$deb" && echo; done >/usr/share/descent/unpacked
python3 -m compileall -q /usr/lib/python3/dist-packages/jupyterlab /usr/lib/python3/dist-packages/jupyterhub

useradd --uid 1000 --gid 0 --create-home --skel /dev/null --shell /bin/bash learner
chmod 0775 /home/learner
# What differs from build to build, and caches.
rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache \
	/var/log/apt /var/log/dpkg.log /var/log/alternatives.log /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- \
	/var/lib/dpkg/*-old
