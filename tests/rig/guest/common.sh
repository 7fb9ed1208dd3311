# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced in the guest by the tests, which run.sh starts as SCRIPT BUILD [ARGUMENT...].
set -euo pipefail
build_dir=$1
shift
programs=$build_dir/tests/rig/guest
work=$(mktemp -d)
checks=0
hang=600 # seconds; nothing takes so long but what hangs, however busy the machine is
unset WINSCARD_CARRIER WINSCARD_TRACE
export WINSCARD_READERS=usb:

fail()
{
    echo "$*" >&2
    exit 1
}

# on_ours COMMAND...: with our libraries in the place of the system's.
on_ours()
{
    LD_LIBRARY_PATH=$build_dir/pcsclite:$build_dir timeout "$hang" "$@"
}

scard()
{
    on_ours "$build_dir/src/cli/scard" "$@"
}

# plug_start [SPECIFICATION...]: simulated readers, and a process that serves them until we
# end. Afterwards `plug COMMAND...` obeys rig_plug's commands, and leaves the answer in
# $answer; an error ends the test.
plug_start()
{
    local specification
    coproc PLUG { exec "$programs/rig_plug" 2>"$work/gone"; }
    # shellcheck disable=SC2153 # set by coproc
    plug_in=${PLUG[1]} plug_out=${PLUG[0]}
    for specification in "$@"; do
        plug plug "$specification"
    done
}

plug()
{
    local end=$((SECONDS + hang))
    while true; do
        echo "$*" >&"$plug_in"
        read -r -t "$hang" answer <&"$plug_out" || fail "rig_plug does not answer to: $*"
        if [ "$answer" != "error: no port is free" ] || [ "$SECONDS" -ge "$end" ]; then
            break
        fi
        sleep 0.1
    done
    [[ $answer != error:* ]] || fail "rig_plug: $*: $answer"
}

# wait_for COMMAND...: until it succeeds. What is not a command never would.
wait_for()
{
    local end=$((SECONDS + hang))
    type "$1" >/dev/null 2>&1 || fail "wait_for: $1 is not a command"
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# present VENDOR PRODUCT COUNT: the kernel has so many devices of these numbers, configured.
present()
{
    local device count=0
    for device in /sys/bus/usb/devices/*; do
        if [ "$(cat "$device/idVendor" 2>/dev/null)" = "$1" ] &&
            [ "$(cat "$device/idProduct" 2>/dev/null)" = "$2" ] &&
            [ "$(cat "$device/bConfigurationValue" 2>/dev/null)" = 1 ]; then
            count=$((count + 1))
        fi
    done
    [ "$count" -eq "$3" ]
}

# check WHAT COMMAND...: it succeeds.
check()
{
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$what: failed: $*"
}

# expect WHAT TEXT PATTERN: the text has a line that matches.
expect()
{
    checks=$((checks + 1))
    grep -Eq -- "$3" <<<"$2" ||
        fail "$(printf '%s: no line matches %s in:\n%s' "$1" "$3" "$2")"
}

# forbid WHAT TEXT PATTERN
forbid()
{
    checks=$((checks + 1))
    if grep -Eq -- "$3" <<<"$2"; then
        fail "$(printf '%s: a line matches %s in:\n%s' "$1" "$3" "$2")"
    fi
}
