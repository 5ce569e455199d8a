# Sourced by the other scripts: where everything lives, all of it inside the checkout,
# and a Go that can build it.

root=$(cd "$(dirname "$0")/.." && pwd)
lab=$root/.lab

# die says in one sentence what is wrong and what to do.
die() {
	echo "lab: $*" >&2
	exit 1
}

say() {
	echo "lab: $*"
}

# check_go makes sure that there is a Go, and a new enough one.
check_go() {
	want=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' "$root/go.mod")
	command -v go >/dev/null 2>&1 ||
		die "Go is not installed or not on the PATH: install Go $want or later from https://go.dev/dl, then run make again."
	have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//')
	if [ "$(printf '%s\n%s\n' "$want" "$have" | sort -t. -k1,1n -k2,2n | head -n 1)" != "$want" ]; then
		# An older Go fetches the one that go.mod asks for, where it is allowed to.
		(cd "$root" && go version >/dev/null 2>&1) ||
			die "Go $have is too old, Descent needs Go $want or later: install it from https://go.dev/dl, then run make again."
	fi
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
	# -mod=mod does not go with a workspace, and the kernel works in one.
	GOFLAGS=$(go env GOFLAGS | tr ' ' '\n' | grep -v -e '^-mod=' -e '^-buildvcs' | tr '\n' ' ')
	export GOFLAGS="$GOFLAGS-buildvcs=false"
	export PATH="$lab/bin:$(go env GOROOT)/bin:$PATH"
}

# jupyter_env keeps everything that Jupyter writes inside the checkout; the kernels that the
# user has elsewhere still appear.
jupyter_env() {
	case $(uname) in
	Darwin) user_data=${HOME:-}/Library/Jupyter ;;
	*) user_data=${XDG_DATA_HOME:-${HOME:-}/.local/share}/jupyter ;;
	esac
	export JUPYTER_PATH="${JUPYTER_PATH:+$JUPYTER_PATH:}${JUPYTER_DATA_DIR:-$user_data}"
	export JUPYTER_DATA_DIR="$lab/jupyter/data"
	export JUPYTER_CONFIG_DIR="$lab/jupyter/config"
	export JUPYTER_RUNTIME_DIR="$lab/jupyter/runtime"
	export IPYTHONDIR="$lab/jupyter/ipython"
	export JUPYTER_PLATFORM_DIRS=0 PYTHONDONTWRITEBYTECODE=1
}
