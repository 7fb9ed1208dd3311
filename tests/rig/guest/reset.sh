#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Another process resets the device of a reader that is in use (USBDEVFS_RESET), and the
# library resets one that does not answer: afterwards the next command works, and a removal
# and an insertion are told. What Debian's pcscd and libccid do, if these are there, is shown
# beside it and not judged: now and then they lose the removal.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"

# reset_device VENDOR PRODUCT
reset_device()
{
    local device
    for device in /sys/bus/usb/devices/*; do
        if [ "$(cat "$device/idVendor" 2>/dev/null)" = "$1" ] &&
            [ "$(cat "$device/idProduct" 2>/dev/null)" = "$2" ]; then
            perl -e 'open(my $node, "+<", $ARGV[0]) or exit 1;
                exit(ioctl($node, 0x5514, 0) ? 0 : 1)' \
                "$(printf '/dev/bus/usb/%03d/%03d' "$(cat "$device/busnum")" \
                    "$(cat "$device/devnum")")"
            return
        fi
    done
    return 1
}

# user_start READER COMMAND...: rig_after_reset, run by the command.
user_start()
{
    local reader=$1
    shift
    rm -f "$work/to" "$work/from"
    mkfifo "$work/to" "$work/from"
    "$@" "$programs/rig_after_reset" "$reader" <"$work/to" >"$work/from" 2>&1 &
    user=$!
    exec {user_in}>"$work/to" {user_out}<"$work/from"
    read -r -t "$hang" said <&"$user_out" || fail "no reader $reader is found"
}

user_stop()
{
    exec {user_in}>&-
    wait "$user" || fail "the program fails"
}

# ask WORD...: the answer is in $said.
ask()
{
    echo "$*" >&"$user_in"
    read -r -t "$hang" said <&"$user_out" || fail "no answer to: $*"
}

# good WHAT WORD...: the answer ends well, if it is ours.
judged=yes
good()
{
    local what=$1
    shift
    ask "$@"
    [ "$judged" = no ] || expect "$what" "$said" '(^|, )OK( [0-9]+ ms)?$'
    echo "  $what: $said"
}

# moves NUMBER: the card of that reader goes and comes.
moves()
{
    plug remove "$1" 0
    good "the removal is told" wait 10
    plug insert "$1" 0
    good "the insertion is told" wait 20
    good "the card that came" use
}

# reset_by_others NUMBER VENDOR PRODUCT READER COMMAND...
reset_by_others()
{
    local number=$1 vendor=$2 product=$3 reader=$4
    shift 4
    echo "$reader, $1:"
    [ "$1" != on_theirs ] || judged=no
    user_start "$reader" "$@"
    good "at first" wait 20
    good "before a reset" use
    for _ in 1 2 3; do
        check "the reset" reset_device "$vendor" "$product"
        # With the peer a card must go first.
        [ "$1" = on_theirs ] || good "after the reset" use
        moves "$number"
    done
    user_stop
}

on_theirs()
{
    "$@"
}

run_all()
{
    plug plug gempc_twin
    plug plug omnikey_5422
    plug plug nitrokey_start
    check "the kernel configures it" wait_for present 20a0 4211 1
    reset_by_others "$1" 08e6 3437 "PC Twin" "$2"
    reset_by_others "$(($1 + 1))" 076b 5422 OMNIKEY "$2"
    reset_by_others "$(($1 + 2))" 20a0 4211 Nitrokey "$2"
    plug unplug "$1"
    plug unplug "$(($1 + 1))"
    plug unplug "$(($1 + 2))"
}

# shellcheck disable=SC2119 # nothing is plugged yet
plug_start
run_all 0 on_ours
# Dead for so long that only a reset brings it back.
plug plug 'gempc_twin?fault=DEAD:45@7'
check "the kernel configures it" wait_for present 08e6 3437 1
export WINSCARD_READERS='usb:?apdu_timeout=1500'
user_start "PC Twin" on_ours
end=$((SECONDS + hang))
ask use
while [[ $said != *OK ]] && [ "$SECONDS" -lt "$end" ]; do
    echo "  a reader that is dead: $said"
    sleep 0.2 # it may be gone, and come again
    ask use
done
expect "it works again" "$said" 'OK$'
ask use
moves 3
user_stop
plug unplug 3
if command -v pcscd >/dev/null; then
    : >"$work/reader.conf"
    pcscd --foreground --error --config "$work/reader.conf" >/dev/null 2>&1 &
    check "pcscd starts" wait_for test -S /run/pcscd/pcscd.comm
    run_all 4 on_theirs
    kill %?pcscd || true
fi
echo "reset: $checks checks"
