#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# switch.sh SOURCE: winscardd-pcscd against a systemctl of this test's own, which keeps the
# units' states in files and refuses what systemd refuses: a further socket for a service that
# runs. Whenever a socket of the service is there, a program connects at once and starts it.
set -euo pipefail
source_dir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
export UNITS=$work/units WINSCARDD_PCSCD_RECORD=$work/lib/pcscd-before
export WINSCARDD_PCSCD_PROC=$work/proc WINSCARDD_PCSCD_SOCKET=$work/pcscd.comm PATH=$work/bin:$PATH
mkdir "$work/bin" "$UNITS" "$WINSCARDD_PCSCD_PROC"
cat >"$work/bin/systemctl" <<'END'
#!/usr/bin/env bash
# UNITS/NAME.active and .enabled; UNITS/NAME is there if the unit is.
set -eu
if [ "$1" = --quiet ]; then shift; fi
verb=$1
shift
if [ "$1" = --now ]; then exit 64; fi
# Somebody connects to a socket of winscardd's.
connect()
{
    if [ -e "$UNITS/winscardd-pcscd.socket.active" ] || [ -e "$UNITS/winscardd.socket.active" ]
    then
        touch "$UNITS/winscardd.socket.active" "$UNITS/winscardd.service.active"
    fi
}
for unit in "$@"; do
    [ -e "$UNITS/$unit" ] || exit 5
    case $verb in
    cat) ;;
    is-active) [ -e "$UNITS/$unit.active" ] || exit 3 ;;
    is-enabled) [ -e "$UNITS/$unit.enabled" ] || exit 1 ;;
    enable) touch "$UNITS/$unit.enabled" ;;
    disable) rm -f "$UNITS/$unit.enabled" ;;
    stop) rm -f "$UNITS/$unit.active" ;;
    start)
        if [[ $unit == winscardd*.socket ]] && [ -e "$UNITS/winscardd.service.active" ] &&
            [ ! -e "$UNITS/$unit.active" ]; then
            echo "$unit: Socket service winscardd.service already active, refusing." >&2
            exit 1
        fi
        if [ -e "$UNITS/$unit.broken" ]; then exit 1; fi
        if [ "$unit" = winscardd-pcscd.socket ]; then
            rm -f "$UNITS/pcscd.socket.active" "$UNITS/pcscd.service.active"
        fi
        touch "$UNITS/$unit.active"
        ;;
    *) exit 64 ;;
    esac
done
case $verb in start | stop) connect ;; esac
END
printf '#!/bin/sh\necho 0\n' >"$work/bin/id"
chmod +x "$work/bin/systemctl" "$work/bin/id"
switch() { sh "$source_dir/packaging/systemd/winscardd-pcscd" "$@" >"$work/said" 2>&1; }

# check WHAT COMMAND...
check()
{
    checks=$((checks + 1))
    if ! "${@:2}"; then
        echo "$1: no; it said:"
        cat "$work/said"
        ls "$UNITS"
        exit 1
    fi
}
active() { [ -e "$UNITS/$1.active" ]; }
enabled() { [ -e "$UNITS/$1.enabled" ]; }
said() { grep -q -- "$1" "$work/said"; }
not() { ! "$@"; }

# A machine with both, where programs are connected to both.
begin()
{
    rm -rf "${UNITS:?}"/* "$WINSCARDD_PCSCD_RECORD"
    touch "$UNITS"/{pcscd.socket,pcscd.service,winscardd.socket,winscardd.service} \
        "$UNITS"/winscardd-pcscd.socket "$UNITS"/{pcscd.socket,winscardd.socket}.enabled \
        "$UNITS"/{pcscd.socket,pcscd.service,winscardd.socket,winscardd.service}.active
}

begin
check "status, before" not switch status
check "status, before" said "pcscd is in its place"
check "on" switch on
check "on: the socket" active winscardd-pcscd.socket
check "on: after the next start" enabled winscardd-pcscd.socket
check "on: programs with our library" active winscardd.socket
check "on: pcscd's socket" not active pcscd.socket
check "on: pcscd's socket, after the next start" not enabled pcscd.socket
check "on: pcscd" not active pcscd.service
check "status" switch status
check "status" said "winscardd is in pcscd's place"
check "on, twice" switch on
check "on, twice" said already
check "off" switch off
check "off: the socket" not active winscardd-pcscd.socket
check "off: after the next start" not enabled winscardd-pcscd.socket
check "off: pcscd's socket" active pcscd.socket
check "off: pcscd's socket, after the next start" enabled pcscd.socket
check "off: programs with our library" active winscardd.socket
check "off: no record is left" not test -e "$WINSCARDD_PCSCD_RECORD"

# No pcscd is installed: nothing to go back to.
begin
rm "$UNITS"/pcscd.*
check "on, without a pcscd" switch on
check "off, without a pcscd" switch off
check "status, without either" not switch status
check "status, without either" said Neither

# The socket cannot be had: all is as it was.
begin
touch "$UNITS/winscardd-pcscd.socket.broken"
check "on, in vain" not switch on
check "on, in vain: pcscd" active pcscd.socket
check "on, in vain: after the next start" enabled pcscd.socket
check "on, in vain: programs with our library" active winscardd.socket

# process NUMBER NAME USER ROOT CGROUP: one that listens under the name of pcscd's socket.
process()
{
    local entry=$WINSCARDD_PCSCD_PROC/$1
    mkdir -p "$entry/fd" "$WINSCARDD_PCSCD_PROC/net"
    echo "$2" >"$entry/comm"
    printf 'Name:\t%s\nUid:\t%s\t%s\t%s\t%s\n' "$2" "$3" "$3" "$3" "$3" >"$entry/status"
    ln -s "$4" "$entry/root"
    echo "0::$5" >"$entry/cgroup"
    ln -s "socket:[7$1]" "$entry/fd/3"
    echo "0000000000000000: 00000002 00000000 00010000 0001 01 7$1 $WINSCARDD_PCSCD_SOCKET" \
        >>"$WINSCARDD_PCSCD_PROC/net/unix"
    touch "$WINSCARDD_PCSCD_SOCKET"
}
# alone: none but the machine's own processes.
alone() { rm -rf "${WINSCARDD_PCSCD_PROC:?}"/* "$WINSCARDD_PCSCD_SOCKET"; }

# A pcscd that systemd knows nothing of would lose its socket.
begin
process 4711 pcscd 0 / /user.slice/session-1.scope
check "on, beside a pcscd by hand" not switch on
check "on, beside a pcscd by hand" said "process 4711"
check "on, beside a pcscd by hand: nothing was stopped" active pcscd.service
check "on, beside a pcscd by hand: nothing was changed" enabled pcscd.socket
check "on, beside a pcscd by hand: no record" not test -e "$WINSCARDD_PCSCD_RECORD"
rm "$UNITS"/pcscd.*
check "status, a pcscd by hand" not switch status
check "status, a pcscd by hand" said "pcscd is in its place"

# What anybody may run is not in the way: a program of that name that does not listen there,
# one of another user's, and one in a container. Nor are systemd and the pcscd that it runs.
others()
{
    alone
    begin
    process "$@"
    check "on, beside $*" switch on
}
others 4712 pcscd 54321 / /user.slice/session-1.scope
mkdir "$work/container"
others 4713 pcscd 0 "$work/container" /system.slice/container.service
others 1 systemd 0 / /init.scope
others 4714 pcscd 0 / /system.slice/pcscd.service
alone
begin
process 4715 pcscd 0 / /user.slice/session-1.scope
rm "$WINSCARDD_PCSCD_PROC/4715/fd/3"
check "on, beside a name" switch on
check "usage" not switch
echo "switch: $checks checks"
