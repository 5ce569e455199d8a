#!/bin/sh
# Makes the lab ready: Jupyter, the pinned kernel and tools, a warm build cache.
# What is already there is left alone, so a second run takes seconds.
set -eu
. "$(dirname "$0")/env.sh"

case $root in
*,*) die "the kernel cannot work in a folder whose path has a comma: move the checkout from $root to another." ;;
esac
check_go
go_env
jupyter_env
mkdir -p "$lab"
python=$(sh "$root/lab/jupyter.sh")
echo "$python" >"$lab/python"

# The kernel compiles and runs cells in TMPDIR, which must allow programs and named pipes, and
# have a name short enough for a socket (104 bytes on macOS) below it.
cells=$lab/tmp
rm -rf "$lab/probe" && mkdir -p "$cells" "$lab/probe"
if ! { [ ${#cells} -le 75 ] && printf '#!/bin/sh\n' >"$lab/probe/run" && chmod +x "$lab/probe/run" &&
	"$lab/probe/run" && mkfifo "$lab/probe/pipe"; } 2>/dev/null; then
	cells=${TMPDIR:-/tmp}
fi
rm -rf "$lab/probe"

# Everything that the built tools and the kernel's registration depend on.
key=$({
	cat "$root/go.mod" "$root/go.sum" "$root/tools/go.mod" "$root/tools/go.sum" "$root/gomlx/go.mod" "$root/lab/cells/go.mod" "$root/lab/setup.sh" "$root/lab/register.py"
	go version && go env GOCACHE GOMODCACHE CGO_ENABLED
	echo "$root $cells $GOFLAGS $PATH"
} | cksum)
if [ ! -x "$lab/bin/gonb" ] || [ "$key" != "$(cat "$lab/stamp" 2>/dev/null)" ]; then
	say "building the kernel and the tools, once"
	rm -rf "$lab/stamp" "$lab/bin.new" && mkdir -p "$lab/bin.new"
	# go list fetches what 'go doc' and imports in cells want to know of modules that no package needs.
	{
		(cd "$root" && go mod download && go list -m all) && (cd "$root/gomlx" && go mod download) &&
			(cd "$root/tools" && go build -o "$lab/bin.new/" tool)
	} >"$lab/build.log" 2>&1 || {
		rm -rf "$lab/bin.new"
		die "Go could not download or build the kernel: check the network, and the proxy that 'go env GOPROXY' names; what Go said is in .lab/build.log."
	}
	rm -rf "$lab/bin" && mv "$lab/bin.new" "$lab/bin"
	TMPDIR=$cells "$python" "$root/lab/register.py" "$root" >>"$lab/build.log" 2>&1 ||
		die "the kernel could not be registered; what it said is in .lab/build.log."
	echo "$key" >"$lab/stamp"
fi

"$python" "$root/lab/warm.py" "$root"
