# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by the client tests: NAME.sh SOURCE BUILD. Programs nobody here wrote run on our
# libpcsclite.so.1 in their own process; no pcscd is involved.
set -euo pipefail
source_dir=$1
build_dir=$2
export source_dir build_dir # for the scripts that source this one
library=$build_dir/pcsclite/libpcsclite.so.1
export soft_name="WinSCard Software Card 00 00"
export soft_atr="3B 9C 95 80 31 FE 15 80 31 B8 73 B4 21 60 54 73 6F 66 74 86"
work=$(mktemp -d)
hang=600 # seconds; nothing takes so long but what hangs, however busy the machine is
children=()
checks=0

finish()
{
    local child
    for child in "${children[@]}"; do
        kill -- "-$child" 2>/dev/null || kill "$child" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT

unset WINSCARD_CARRIER WINSCARD_TRACE WINSCARD_LOG
export WINSCARD_READERS=soft:
export PATH=/usr/bin:/bin:/usr/sbin:/sbin # Debian's own python3 and java, not others'

# need PROGRAM PACKAGE
need()
{
    if ! command -v "$1" >/dev/null; then
        echo "$1 is missing: Debian package $2" >&2
        exit 1
    fi
}

# With IN_SERVICE=pcscd they run on the system's own library, which takes the service for
# pcscd.
if [ "${IN_SERVICE:-}" = pcscd ]; then
    library=$(ldconfig -p | awk '/libpcsclite\.so\.1 / && !found++ { print $NF }')
    if [ -z "$library" ]; then
        echo "libpcsclite.so.1 is missing: Debian package libpcsclite1" >&2
        exit 1
    fi
fi

# in_mode COMMAND...: with the readers in this process, or, if the test is run with
# IN_SERVICE set, with a service of its own that has them. The service must end in order.
in_mode()
{
    if [ -z "${IN_SERVICE:-}" ]; then
        "$@"
        return
    fi
    local status=0 daemon endpoint=$work/service pcscd=$work/pcscd.comm
    # By the environment, since --readers refuses to have none.
    "$build_dir/service/winscardd" --foreground --socket "$endpoint" \
        --pcscd-socket "$pcscd" --policy "$work/no-policy" 2>>"$work/service.log" &
    daemon=$!
    children+=("$daemon")
    until [ -S "$endpoint" ] && [ -S "$pcscd" ]; do
        if ! kill -0 "$daemon" 2>/dev/null; then
            echo "the service did not start:" >&2
            cat "$work/service.log" >&2
            exit 99
        fi
        sleep 0.02
    done
    env -u WINSCARD_READERS WINSCARD_CARRIER="${WINSCARD_CARRIER:-service}" \
        WINSCARD_SERVICE="unix:$endpoint" PCSCLITE_CSOCK_NAME="$pcscd" "$@" || status=$?
    kill -TERM "$daemon"
    if ! wait "$daemon" || [ -e "$endpoint" ] || [ -e "$pcscd" ]; then
        echo "the service did not end in order:" >&2
        cat "$work/service.log" >&2
        return 99
    fi
    return "$status"
}

# on_ours COMMAND...: with our library in the place of the system's.
on_ours()
{
    in_mode env LD_LIBRARY_PATH="$(dirname "$library")" timeout "$hang" "$@"
}

# on_ours_until PATTERNS COMMAND...: the same, of a program that does not end by itself,
# until it has printed a line for each pattern, which are a line each.
on_ours_until()
{
    on_ours bash "$source_dir/tests/programs/until.sh" "$hang" "$@"
}

# expect WHAT TEXT PATTERN: the text has a line that matches.
expect()
{
    checks=$((checks + 1))
    if ! grep -Eq -- "$3" <<<"$2"; then
        printf '%s: no line matches %s in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
}

# forbid WHAT TEXT PATTERN
forbid()
{
    checks=$((checks + 1))
    if grep -Eq -- "$3" <<<"$2"; then
        printf '%s: a line matches %s in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
}

# start_vicc PORT TYPE: a simulated card that connects to our slot. Debian's package puts
# its module outside the search path, and asks for a Crypto package that Debian calls
# Cryptodome.
start_vicc()
{
    need vicc vsmartcard-vpicc
    if ! /usr/bin/python3 -c 'import Cryptodome' 2>/dev/null; then
        echo "Cryptodome is missing: Debian package python3-pycryptodome" >&2
        exit 1
    fi
    mkdir -p "$work/shim"
    echo 'import sys, Cryptodome; sys.modules[__name__] = Cryptodome' >"$work/shim/Crypto.py"
    # It gives up when nobody listens: again, until the program under test does.
    PYTHONPATH=/usr/lib/python3/site-packages/virtualsmartcard:$work/shim setsid bash -c "
        while true; do
            timeout $hang vicc --type $2 --hostname 127.0.0.1 --port $1
            sleep 0.1
        done" >"$work/vicc.log" 2>&1 &
    children+=($!)
}

# stop_vicc: the last child is vicc; nobody is the card any more.
stop_vicc()
{
    local last=$((${#children[@]} - 1))
    kill -- "-${children[last]}"
    wait "${children[last]}" 2>/dev/null || true
    unset "children[last]"
}

# start_moved NAME COMMAND...: a program that says when it is ready, until this ends; what is
# written to descriptor 9 moves what it simulates.
start_moved()
{
    mkfifo "$work/$1.input"
    "${@:2}" <"$work/$1.input" >"$work/$1.said" &
    children+=("$!")
    exec 9>"$work/$1.input"
    until grep -q ready "$work/$1.said"; do
        sleep 0.02
    done
}

# start_serial_peer LINE SPECIFICATION: a simulated reader on a serial line (serial_peer_main.c).
start_serial_peer()
{
    start_moved serial "$build_dir/tests/programs/serial_peer" "$@"
}

# start_fido_token: a simulated token for the hidapi of our own (fake_hidapi.c).
start_fido_token()
{
    export FAKE_HID=$work/token
    start_moved token /usr/bin/python3 "$source_dir/tests/programs/fido_token.py" socket \
        "$FAKE_HID"
}

# take_pcscd_place: pcscd's socket cannot be chosen, so a test with a pcscd of its own runs in a
# mount namespace, by root, and a network of its own.
take_pcscd_place()
{
    if [ "$(id -u)" -ne 0 ]; then
        echo "skipped: only root can give pcscd a place of its own"
        exit 77
    fi
    mkdir -p /run/pcscd
    mount -t tmpfs none /run/pcscd
    ip link set lo up
}

free_port()
{
    /usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

done_with()
{
    echo "$1: $checks checks"
}
