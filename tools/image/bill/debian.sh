#!/bin/sh
# Lists Debian's packages in the image with debsbom, in /bill: this runs in a stage that is thrown away.
set -eu
. /mnt/env
export DEBIAN_FRONTEND=noninteractive
# dpkg does not know of the two whose files were unpacked.
root=/tmp/root
mkdir -p $root/var/lib/dpkg $root/usr/share $root/etc /bill
cp /etc/os-release $root/etc/
cp -r /usr/share/doc $root/usr/share/
{ cat /var/lib/dpkg/status && echo && sed 's/^\(Package: .*\)/\1\nStatus: install ok installed/' /usr/share/descent/unpacked; } >$root/var/lib/dpkg/status

set --
if [ -n "$MIRROR" ]; then
	echo "deb $MIRROR trixie main" >/tmp/build.list
	set -- -o Dir::Etc::SourceList=/tmp/build.list -o Dir::Etc::SourceParts=/dev/null
fi
apt-get -qq "$@" update
apt-get -qq "$@" -o Dpkg::Use-Pty=0 install --no-install-recommends python3-pip
python3 -m pip install --quiet --no-cache-dir --target /tmp/debsbom --no-deps --only-binary :all: --require-hashes -r /tmp/bill/requirements.txt
PYTHONPATH=/tmp/debsbom /tmp/debsbom/bin/debsbom generate --root $root --sbom-type cdx --with-licenses --timestamp 1970-01-01T00:00:00Z --out /bill/debian 2>/bill/log || { cat /bill/log; exit 1; }
