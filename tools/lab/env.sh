# shellcheck shell=sh
# Sourced by the other scripts: where everything lives, all of it inside the checkout,
# and a Go that can build it.

# With the one 'cd' prints, and may go to another checkout; with the other BSD's grep colours what is read here.
unset CDPATH GREP_OPTIONS
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
lab=$root/.lab

# die says in one sentence what is wrong and what to do.
die() {
	echo "lab: $*" >&2
	exit 1
}

say() {
	echo "lab: $*"
}

# blame prints why a command failed: the last line that it wrote to .lab/LOG. Only where the log speaks of the
# network does this do so, too: blame LOG
blame() {
	last=$(grep '[^[:space:]]' "$lab/$1" 2>/dev/null | tail -n 1)
	if grep -q -i -e 'dial tcp' -e 'i/o timeout' -e 'no such host' -e 'connection refused' -e 'ECONNREFUSED' -e 'timed out' -e 'unreachable' \
		-e 'TLS handshake' -e 'x509:' -e 'proxyconnect' -e 'Could not resolve' -e 'Temporary failure' \
		-e 'NewConnectionError' -e 'ENOTFOUND' -e 'ETIMEDOUT' -e 'EAI_AGAIN' -e 'ECONNRESET' "$lab/$1" 2>/dev/null; then
		last="$last: check the network, and the proxies ('go env GOPROXY' names Go's)"
	fi
	echo "${last:-it said nothing, as where the disk is full} (all that it said is in .lab/$1)"
}

# lab_folder makes .lab, for this user alone: tokens and a learner's work pass through it.
lab_folder() {
	said=$({ mkdir -p "$lab" && : >"$lab/probe.$$" && rm -f "$lab/probe.$$"; } 2>&1) ||
		die "nothing can be written to $lab (${said##*: }): give this account the folder, or copy the checkout to one of yours."
	chmod 700 "$lab" 2>/dev/null || true # not every file system has modes
}

# install WHAT MANAGER ARGUMENT…: has the system's package manager install something: as root, but brew as oneself.
install() {
	what=$1
	manager=$2
	shift
	lab_folder
	as_root=
	if [ "$(id -u)" != 0 ] && [ "$manager" != brew ]; then
		sudo -n true 2>/dev/null || die "$what is not there and this account may not install packages: run 'sudo $*', then run make again."
		as_root="sudo -n"
	fi
	say "installing $what with $manager, a minute or two; what it says is in .lab/install.log" >&2
	: >"$lab/install.log"
	if [ "$manager" = apt-get ]; then
		# The packages may be found without a new list, too.
		$as_root apt-get update >>"$lab/install.log" 2>&1 </dev/null || true
		set -- env DEBIAN_FRONTEND=noninteractive "$@"
	fi
	$as_root "$@" >>"$lab/install.log" 2>&1 </dev/null || die "$manager could not install $what: $(blame install.log)."
}

# check_go makes sure that there is a Go, a new enough one, and that it works with the user's settings.
check_go() {
	want=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' "$root/go.mod")
	command -v go >/dev/null 2>&1 ||
		die "Go is not installed or not on the PATH: install Go $want or later from https://go.dev/dl, then run make again."
	have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//')
	[ -n "$have" ] ||
		die "'$(command -v go) env GOVERSION' answers nothing: install Go $want or later from https://go.dev/dl, then run make again."
	# An older Go fetches the one that go.mod asks for, where it is allowed to.
	(cd "$root" && go version) >"$lab/go.log" 2>&1 && return
	if [ "$(printf '%s\n%s\n' "$want" "$have" | sort -t. -k1,1n -k2,2n | head -n 1)" != "$want" ]; then
		die "Go $have is too old, Descent needs Go $want or later: install it from https://go.dev/dl, then run make again."
	fi
	die "Go does not work with its settings here: $(blame go.log). 'go env' shows them."
}

# usable DIR: can files be made in DIR, or in a new directory of that name? (Go says "off" or
# nothing where there is no HOME.)
usable() {
	case $1 in
	/*) mkdir -p "$1" 2>/dev/null && [ -w "$1" ] ;;
	*) return 1 ;;
	esac
}

# go_env exports one Go environment for the build, the kernel and the tests, so that they
# share one build cache. A HOME that is missing or read-only moves the caches into the checkout.
go_env() {
	usable "$(go env GOCACHE 2>/dev/null)" || export GOCACHE="$lab/cache/go-build"
	usable "$(go env GOMODCACHE 2>/dev/null)" || export GOMODCACHE="$lab/cache/mod"
	export GOPLSCACHE="$lab/cache/gopls" STATICCHECK_CACHE="$lab/cache/staticcheck"
	# What a user may have set for other work, in the environment or with 'go env -w', which only a value overrides:
	# no modules, another system, a workspace above the checkout.
	GOOS=$(go env GOHOSTOS)
	GOARCH=$(go env GOHOSTARCH)
	export GOOS GOARCH GO111MODULE=on GOWORK=off
	# -mod=mod does not go with a workspace, and the kernel works in one.
	GOFLAGS=$(go env GOFLAGS | tr ' ' '\n' | grep -v -e '^-mod=' -e '^-buildvcs' -e '^$' | tr '\n' ' ')
	export GOFLAGS="$GOFLAGS-buildvcs=false"
	PATH="$lab/bin:$(go env GOROOT)/bin:$PATH"
	export PATH
}

# jupyter_env keeps everything that Jupyter writes inside the checkout. The kernels that the user has elsewhere still
# appear, but this checkout's come first: the user may have one that is called gonb, too.
jupyter_env() {
	case $(uname) in
	Darwin) user_data=${HOME:-}/Library/Jupyter ;;
	*) user_data=${XDG_DATA_HOME:-${HOME:-}/.local/share}/jupyter ;;
	esac
	user_data=${JUPYTER_DATA_DIR:-$user_data}
	export JUPYTER_DATA_DIR="$lab/jupyter/data"
	export JUPYTER_PATH="$JUPYTER_DATA_DIR:${JUPYTER_PATH:+$JUPYTER_PATH:}$user_data"
	export JUPYTER_CONFIG_DIR="$lab/jupyter/config"
	export JUPYTER_RUNTIME_DIR="$lab/jupyter/runtime"
	export IPYTHONDIR="$lab/jupyter/ipython"
	export JUPYTER_PLATFORM_DIRS=0 PYTHONDONTWRITEBYTECODE=1
	unset JUPYTER_NO_CONFIG # it would leave out what serve.py says
}
