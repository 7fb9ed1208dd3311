#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh [-t SECONDS] [-m MEGABYTES] [-u] SCRIPT [ARGUMENT...]: boots the guest, runs the bash
# script in it as its root, and gives the script's exit status.
#   -t   the longest it may take (default 120): then the guest is ended, status 124
#   -m   the guest's memory (default 512)
#   -u   with udevd, which pcscd needs to see what is plugged in
# The guest sees the host's files, all of them, with the rights of who runs this; what it
# writes is gone at its end, except in $RIG_OUT, which is the directory of that name given
# in the environment, or one for the occasion. WINSCARD_* and RIG_PART of the
# environment are passed on.
# Needs no privileges. When this is killed, the guest goes with it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
limit=120
memory=512
udev=no
while getopts t:m:u option; do
    case $option in
    t) limit=$OPTARG ;;
    m) memory=$OPTARG ;;
    u) udev=yes ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "run.sh: which script?" >&2; exit 2; }

kernel=$(bash "$here/kernel.sh")
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
[ -n "${RIG_OUT:-}" ] || { RIG_OUT=$state/out; mkdir "$RIG_OUT"; }
RIG_OUT=$(cd "$RIG_OUT" && pwd)
script=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift

# What the guest's process 1 runs at the end of its preparations.
{
    printf 'mount -t hostfs -o %q hostfs %q\n' "$RIG_OUT" "$RIG_OUT"
    for name in $(compgen -e | grep '^WINSCARD_'); do
        printf 'export %s=%q\n' "$name" "${!name}"
    done
    printf 'export RIG_OUT=%q RIG_PART=%q HOME=/tmp\n' "$RIG_OUT" "${RIG_PART:-0/1}"
    if [ "$udev" = yes ]; then
        printf 'source %q\n' "$here/udev.sh"
    fi
    printf 'cd %q\n' "$PWD"
    printf 'bash %q' "$script"
    [ $# -eq 0 ] || printf ' %q' "$@"
    echo
} >"$state/command"

# The guest's kernel and processes are processes of the host's; in a namespace of their own
# all of them end with its first one, which ends with us, however we end. Where namespaces
# are forbidden, the group of timeout is all there is.
bound=(setpriv --pdeathsig KILL)
alone=()
if unshare --pid --fork --kill-child true 2>/dev/null; then
    alone=(unshare --pid --fork --kill-child)
elif unshare --user --map-current-user --pid --fork --kill-child true 2>/dev/null; then
    alone=(unshare --user --map-current-user --pid --fork --kill-child)
fi
# In the background, so that a signal to us is heeded at once.
# shellcheck disable=SC2016 # expands in the other shell
"${bound[@]}" timeout --signal KILL "$limit" "${bound[@]}" "${alone[@]}" \
    bash -c '"$@" </dev/null & wait $!' guest \
    "$kernel" "mem=${memory}M" root=/dev/root rootfstype=hostfs rootflags=/ ro \
    "init=$here/init.sh" "rig_state=$state" "uml_dir=$state" con=null con0=null,fd:1 \
    con1=null panic=-1 quiet loglevel=3 &
guest=$!
# shellcheck disable=SC2317 # called by the trap
end()
{
    kill -KILL "$guest" 2>/dev/null || true
    wait "$guest" 2>/dev/null || true
    rm -rf "$state"
}
trap end EXIT
trap 'exit 143' TERM INT HUP
status=0
wait "$guest" 2>/dev/null || status=$?
if [ -e "$state/status" ]; then
    exit "$(cat "$state/status")"
fi
if [ "$status" -eq 137 ]; then
    echo "run.sh: ended after $limit s" >&2
    exit 124
fi
echo "run.sh: the guest ended without a result ($status)" >&2
exit 125
