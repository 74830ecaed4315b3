# shellcheck shell=bash
# What the ground scripts stand on: where things are, one way to say something, one way to become root, and
# the record of what was added to this machine. Sourced by setup, engine, images and clean; never run.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$ROOT/build
PACKAGES=$BUILD/packages            # Debian packages that we added to this machine, one a line
CELLS=$BUILD/cells                  # cells whose containers are ours to take down, one a line
SERVERS=$BUILD/servers              # process ids of servers that demo and tests left running, one a line
ENGINE_RECORD=$BUILD/engine.record  # "dockerd" or "systemd" where we started the engine; absent where we did not
BASE_RECORD=$BUILD/base-image       # id of the base image that we put into the engine
LAB_RECORD=$BUILD/lab-image         # name of the image of the lab's hosts, where we had it built

BASE_IMAGE=debian:bookworm-slim

# The engine: DOCKER_HOST, else the default socket. LONGSHORE_ENGINE_SOCKET moves that default, for the probe
# and for the start alike, so that the start can be tried beside an engine that must not be disturbed.
ENGINE_SOCKET=${LONGSHORE_ENGINE_SOCKET:-/var/run/docker.sock}
ENGINE_HOST=${DOCKER_HOST:-unix://$ENGINE_SOCKET}

PATH=$PATH:/usr/sbin:/sbin          # where dockerd and debootstrap live, which users' PATHs leave out

mkdir -p "$BUILD"

say() { printf 'longshore: %s\n' "$*"; }

die() {
    printf 'longshore: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Say TEXT, run a command quietly with a dot every two seconds, end the line with the seconds it took.
# What the command prints goes to LOG; the command's exit status is ours.
slowly() {
    local text=$1 log=$2 start=$SECONDS status=0
    shift 2
    printf 'longshore: %s ' "$text"
    (while sleep 2 >/dev/null 2>&1; do printf .; done) &
    DOTS=$!
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    stop_dots
    printf ' %s s\n' $((SECONDS - start))
    return "$status"
}

stop_dots() {
    [ -n "${DOTS:-}" ] || return 0
    kill "$DOTS" 2>/dev/null || true
    wait "$DOTS" 2>/dev/null || true
    DOTS=
}
trap stop_dots EXIT

may_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# Run a command as root. sudo empties the environment, so a proxy is handed over by name.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
        return
    fi
    local name kept=()
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    sudo -n env "PATH=$PATH" "${kept[@]}" "$@"
}

# Install Debian packages; those that are new, dependencies too, are noted for `make clean` to name.
install_packages() {
    local log=$BUILD/packages.log
    have apt-get || die "missing: $*. This system has no apt-get: install them its own way, then run again"
    may_be_root || die "missing: $*. Run: sudo apt-get install -y --no-install-recommends $*"
    installed_packages >"$BUILD/packages.before"
    slowly "installing Debian's $*" "$log" apt_install "$@" ||
        die "apt-get could not install $* ($(grep '^E:' "$log" | tail -n 1)); all it said is in $log"
    installed_packages | comm -13 "$BUILD/packages.before" - >>"$PACKAGES"
    rm -f "$BUILD/packages.before"
}

apt_install() {
    local get=(apt-get -q -y -o DPkg::Lock::Timeout=120)
    # The lists of a fresh machine are empty or stale: only then are they fetched, and it is tried again.
    as_root env DEBIAN_FRONTEND=noninteractive "${get[@]}" install --no-install-recommends "$@" && return
    as_root "${get[@]}" update &&
        as_root env DEBIAN_FRONTEND=noninteractive "${get[@]}" install --no-install-recommends "$@"
}

installed_packages() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u; }

# Ask the engine something; see engine_api.py for the verbs. Works before setup and after clean.
engine_api() {
    local python=$ROOT/.venv/bin/python
    [ -x "$python" ] || python=python3
    "$python" "$ROOT/scripts/engine_api.py" "$ENGINE_HOST" "$@"
}
