#!/bin/sh
# Makes the lab ready: Jupyter, the pinned kernel and tools, a warm build cache.
# What is already there is left alone, so a second run takes seconds.
set -eu
. "$(dirname "$0")/env.sh"

# lock waits until no other set-up is at work in this checkout. The lock is a link, which is made with the number of
# its process or not at all; one whose process is gone is taken away, by one set-up at a time.
lock() {
	waits=
	tries=0
	until ln -s $$ "$lab/lock" 2>/dev/null; do
		if ! holder=$(readlink "$lab/lock"); then # it has just been taken away, or there cannot be one
			tries=$((tries + 1))
			[ $tries -lt 10 ] || die "no link can be made in $lab, where the disk is full or its file system has none: make room, or move the checkout to another."
		elif kill -0 "$holder" 2>/dev/null; then
			[ -n "$waits" ] || say "another set-up of this checkout is at work (process $holder): waiting for it; if it is not one, remove .lab/lock" >&2
			waits=yes
			sleep 1
		elif mkdir "$lab/lock.stale" 2>/dev/null; then
			[ "$(readlink "$lab/lock")" != "$holder" ] || rm -f "$lab/lock"
			rmdir "$lab/lock.stale"
		else # taking away is the work of a moment, unless that one was killed, too
			sleep 1
			rmdir "$lab/lock.stale" 2>/dev/null || true
		fi
	done
	trap 'rm -f "$lab/lock"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# runs DIR: can programs be started in DIR?
runs() {
	mkdir -p "$1" && printf '#!/bin/sh\n' >"$1/probe" && chmod +x "$1/probe" && "$1/probe" && rm -f "$1/probe"
} 2>/dev/null

# step WHAT PATTERN TOTAL COMMAND…: one that takes long, with its progress; what it says is in .lab/build.log.
step() {
	what=$1
	pattern=$2
	total=$3
	shift 3
	"$python" "$root/tools/lab/progress.py" "$what" "$pattern" "$total" "$lab/build.log" "$@"
}

case $root in
*[,:]*) die "the kernel cannot work in a folder whose path has a comma or a colon: move the checkout from $root to another." ;;
esac
lab_folder
lock
runs "$lab" || die "no program can be started in $root, where the disk is full or its file system is mounted noexec: move the checkout to another."
check_go
go_env
jupyter_env
python=$(sh "$root/tools/lab/jupyter.sh")
echo "$python" >"$lab/python"

# The kernel compiles and runs cells in TMPDIR, which must allow programs and named pipes, and
# have a name short enough for a socket (104 bytes on macOS) below it.
cells=$lab/tmp
mkdir -p "$cells"
if [ ${#cells} -gt 75 ] || ! mkfifo "$lab/pipe" 2>/dev/null; then
	cells=${TMPDIR:-/tmp}
	runs "$cells" || die "no program can be started in $cells: name another folder for the cells of notebooks with TMPDIR=/path make lab."
fi
rm -f "$lab/pipe"

# fetch MODULE: all that a folder's go.mod asks for.
fetch() {
	cd "$root/$1" && step "step 2 of 4, modules" '# get (.*[.]zip: 200)?' "$(grep -c -v '/go.mod ' go.sum)" go mod download -x
}

# tools builds the programs that the go.mod of this folder names.
tools() {
	packages=$(go list -deps tool 2>>"$lab/build.log" | wc -l) &&
		step "step 3 of 4, the packages of the kernel's tools" '[^ :#]+$' "$packages" go build -v -o "$lab/bin.new/" tool
}

# build is the chain of all that comes from Go; what each part has to say is in .lab/build.log.
build() {
	# go list fetches what 'go doc' and imports in cells want to know of modules that no package needs.
	fetch . && go list -m all >/dev/null 2>>"$lab/build.log" && fetch examples/gomlx && fetch tools/kernel && tools &&
		fetch tools/gopls && tools
}

# Everything that the built tools and the kernel's registration depend on.
key=$({
	cat "$root/go.mod" "$root/go.sum" "$root/tools/kernel/go.mod" "$root/tools/kernel/go.sum" "$root/tools/gopls/go.mod" "$root/tools/gopls/go.sum" "$root/examples/gomlx/go.mod" "$root/tools/lab/setup.sh" "$root/tools/lab/env.sh" "$root/tools/lab/register.py"
	# From here on xargs sees no spaces, which the checkout's path may have.
	cd "$root" && find tools/kernel internal/cell internal/explain -name '*.go' | sort | xargs cat
	go version && go env GOCACHE GOMODCACHE CGO_ENABLED
	echo "$root $cells $GOFLAGS $PATH"
} | cksum)
if [ ! -x "$lab/bin/gonb" ] || [ "$key" != "$(cat "$lab/stamp" 2>/dev/null)" ]; then
	say "building the kernel and the tools, once; with empty caches two to five minutes"
	rm -rf "$lab/stamp" "$lab/bin.new" "$lab/build.log" && mkdir -p "$lab/bin.new"
	(build) || {
		rm -rf "$lab/bin.new"
		die "the kernel could not be built: $(blame build.log)."
	}
	rm -rf "${lab:?}/bin" && mv "$lab/bin.new" "$lab/bin"
	TMPDIR=$cells "$python" "$root/tools/lab/register.py" "$root" >>"$lab/build.log" 2>&1 ||
		die "the kernel could not be registered: $(blame build.log)."
	echo "$key" >"$lab/stamp"
fi

"$python" "$root/tools/lab/warm.py" "$root"
