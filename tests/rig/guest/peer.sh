#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# peer.sh BUILD [SPECIFICATION...]: the card session with Debian's pcscd and libccid, and with
# ours, on the same simulated readers: all that libccid knows, or those named. What is not
# the same must stand in differences.list. Both outputs are left in $RIG_OUT as NAME.peer
# and NAME.ours. Longer APDUs than 4 KB are left to session.sh. Needs run.sh -u, and the
# packages pcscd and libccid.
#
# PEER_ONLY=yes looks at the peer alone, as a test of the rig.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"
here=$(dirname "$0")
bundle=/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist

command -v pcscd >/dev/null || fail "pcscd is missing: Debian package pcscd"
[ -e "$bundle" ] || fail "$bundle is missing: Debian package libccid"

# The numbers that libccid serves, as lines VENDOR:PRODUCT.
awk -F'[<>]' '/<key>/ { key = $3 }
    /<string>0x/ && key == "ifdVendorID" { vendor[++v] = substr($3, 3) }
    /<string>0x/ && key == "ifdProductID" { product[++p] = substr($3, 3) }
    END { for (i = 1; i <= v; i++) print toupper(vendor[i] ":" product[i]) }' \
    "$bundle" >"$work/supported"

awk '!/^#/ && NF >= 3 { print $1, $2 }' "$here/differences.list" >"$work/allowed"

# patterns_of SPECIFICATION: of lines that may differ.
patterns_of()
{
    local readers pattern
    while read -r readers pattern; do
        # shellcheck disable=SC2053 # a pattern
        if [[ $1 == $readers ]]; then
            echo "$pattern"
        fi
    done <"$work/allowed"
}

specifications=("$@")
if [ $# -eq 0 ]; then
    for name in "${all_readers[@]}"; do
        if ! grep -qx "$(usb_of "$name")" "$work/supported"; then
            continue
        fi
        if grep -qx peer-fails <<<"$(patterns_of "$name")"; then
            echo "$name: the peer fails"
        else
            specifications+=("$name")
        fi
    done
fi

# Without the serial and virtual readers of this machine's configuration.
start_peer()
{
    : >"$work/reader.conf"
    pcscd --foreground --error --config "$work/reader.conf" \
        >>"$RIG_OUT/pcscd.${RIG_PART%/*}.log" 2>&1 &
    peer=$!
    check "pcscd starts" wait_for test -S /run/pcscd/pcscd.comm
}

stop_peer()
{
    kill "$peer" 2>/dev/null || true
    for _ in {1..50}; do
        kill -0 "$peer" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$peer" 2>/dev/null || true
    wait "$peer" 2>/dev/null || true
    rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}

# run_session SUFFIX SPECIFICATION COMMAND...: what it said is left in $said.
number=0
run_session()
{
    local suffix=$1 specification=$2 slots status=0 began
    shift 2
    said=$work/${specification//[^A-Za-z0-9_]/_}.$suffix
    plug plug "$specification"
    began=$(date +%s%N)
    slots=$(slots_of "${specification%%\?*}")
    "$@" "$programs/rig_session" -w "$slots" -x 4096 \
        >"$said" 2>&1 || status=$?
    plug counts "$number"
    echo "$specification $suffix: status $status," \
        "$((($(date +%s%N) - began) / 1000000)) ms, ${answer#counts * }"
    plug unplug "$number"
    number=$((number + 1))
    if ! "$@" "$programs/rig_session" -e >"$work/left" 2>&1; then
        [ "$suffix" = peer ] || fail "$specification does not leave"
        echo "$specification: the peer does not see that it left, and is begun anew"
        stop_peer
        start_peer
    fi
}

# run_sessions SUFFIX COMMAND...: with each reader, one by one. The peer at times loses a
# reader that is there (a name it has just told is unknown to it): it is asked again.
run_sessions()
{
    local suffix=$1 specification
    shift
    for specification in "${specifications[@]}"; do
        run_session "$suffix" "$specification" "$@"
        if [ "$suffix" = peer ] && grep -q E_UNKNOWN_READER "$said"; then
            echo "$specification: the peer has lost it, and is asked again"
            run_session "$suffix" "$specification" "$@"
        fi
        cp "$said" "$RIG_OUT/"
    done
}

# shellcheck disable=SC2317 # called by run_sessions
on_theirs()
{
    timeout "$hang" "$@"
}

# shellcheck disable=SC2119 # nothing is plugged yet
plug_start
start_peer
run_sessions peer on_theirs
stop_peer
[ "${PEER_ONLY:-no}" = no ] || exit 0
run_sessions ours on_ours

# compare SPECIFICATION: the lines that differ, with < before the peer's and > before ours, are
# left in $changes, and those that are not in the list in $left.
compare()
{
    local name=${1//[^A-Za-z0-9_]/_} patterns
    patterns=$(patterns_of "$1")
    changes=$(diff "$work/$name.peer" "$work/$name.ours" | grep '^[<>]' || true)
    left=$(grep -Ev -f <(echo "${patterns:-^$}") <<<"$changes" | grep . || true)
}

# The peer numbers a device's interfaces as it comes to hear of them, on a busy machine in
# another order at times: then its names are those of other slots, and it is asked again.
differences=0 intended=0
for specification in "${specifications[@]}"; do
    checks=$((checks + 1))
    compare "$specification"
    for _ in 1 2 3; do
        if [ -z "$left" ] || [ "$(slots_of "${specification%%\?*}")" -eq 1 ]; then
            break
        fi
        echo "$specification: the peer has several slots, and is asked again"
        start_peer
        run_session peer "$specification" on_theirs
        stop_peer
        cp "$said" "$RIG_OUT/"
        compare "$specification"
    done
    [ -n "$changes" ] || continue
    intended=$((intended + $(wc -l <<<"$changes")))
    if [ -n "$left" ]; then
        lines=$(wc -l <<<"$left")
        intended=$((intended - lines))
        differences=$((differences + lines))
        printf '== %s: %s lines differ (< peer, > ours)\n%s\n' "$specification" "$lines" \
            "$(head -n 60 <<<"$left")"
    fi
done
echo "peer: ${#specifications[@]} readers, $intended intended differences, $differences others"
[ "$differences" -eq 0 ]
