#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# peer.sh BUILD ours|bundle|hosted|alone [SPECIFICATION...]: the card session with Debian's pcscd
# and libccid, and with
#   ours    our library
#   bundle  the same pcscd and its library, with winscard-ifd.bundle
#   hosted  our library, with that same libccid
#   alone   nothing else, as a test of the rig
# on the same simulated readers: all that libccid knows, or those named. What is not the same
# must stand in differences.list. Both outputs are left in $RIG_OUT as NAME.peer and NAME.ours,
# NAME.bundle or NAME.hosted. Longer APDUs than 4 KB are left to session.sh. Needs run.sh -u, and
# the packages pcscd and libccid.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"
# shellcheck source=tests/rig/guest/pcscd.sh
. "$(dirname "$0")/pcscd.sh"
here=$(dirname "$0")
side=$1
shift

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

# shellcheck disable=SC2317 # called by run_sessions
on_hosted()
{
    WINSCARD_READERS="ifd:?ccid=yes&readers=" \
        WINSCARD_IFD_PROGRAM=$build_dir/drivers/winscard-ifd on_ours "$@"
}

# A program that has it open hears when it leaves, and when it is back; and which of two alike
# a program gets does not matter.
check_plugging()
{
    local first=$number watch
    plug plug "gempc_twin?card=t1"
    plug plug "gempc_twin?card=t0"
    on_hosted "$build_dir/src/cli/scard" watch >"$RIG_OUT/plugging" 2>&1 &
    watch=$!
    check "two alike" wait_for grep -q 'PC Twin Reader 1: card' "$RIG_OUT/plugging"
    plug unplug "$first"
    check "one leaves" wait_for grep -q 'reader-removed' "$RIG_OUT/plugging"
    plug plug "gempc_twin?card=t1"
    check "one comes" wait_for comes_again
    kill "$watch" 2>/dev/null || true
    wait "$watch" 2>/dev/null || true
    plug unplug $((first + 1))
    plug unplug $((first + 2))
    number=$((number + 3))
    # What was started for them ends with the program.
    check "no process is left" wait_for none_runs
}

# Since it left.
# shellcheck disable=SC2317 # called by wait_for
comes_again()
{
    sed '1,/reader-removed/d' "$RIG_OUT/plugging" | grep -q 'reader-added .*card present'
}

# shellcheck disable=SC2317 # called by wait_for
none_runs()
{
    ! grep -lz "^$build_dir/drivers/winscard-ifd" /proc/[0-9]*/cmdline >/dev/null 2>&1
}

# From now on pcscd has our bundle alone, for the same readers by the same names.
take_bundle()
{
    mkdir "$work/drivers"
    cp -r "$build_dir/winscard-ifd.bundle" "$work/drivers/"
    awk '/<key>/ { executable = /CFBundleExecutable/ }
        executable && /<string>/ { sub(/>[^<]*</, ">libwinscard-ifd.so<") }
        { print }' "$bundle" >"$work/drivers/winscard-ifd.bundle/Contents/Info.plist"
    mount --bind "$work/drivers" /usr/lib/pcsc/drivers
}

# Two of the same kind at once: each has its own place.
check_alike()
{
    local first=$number
    plug plug "gempc_twin?card=t1"
    plug plug "gempc_twin?card=t0"
    number=$((number + 2))
    check "two alike" wait_for two_answer
    plug unplug "$first"
    plug unplug $((first + 1))
    check "both leave" timeout "$hang" "$programs/rig_session" -e
}

# shellcheck disable=SC2317 # called by wait_for
two_answer()
{
    timeout "$hang" "$programs/rig_session" -w 2 >"$RIG_OUT/alike" 2>&1 || return 1
    [ "$(grep -c '^connect mode 2 .*: OK' "$RIG_OUT/alike")" -ge 2 ] &&
        grep -q '^status protocol: T=0' "$RIG_OUT/alike" &&
        grep -q '^status protocol: T=1' "$RIG_OUT/alike"
}

# shellcheck disable=SC2119 # nothing is plugged yet
plug_start
start_peer
run_sessions peer on_theirs
stop_peer
case $side in
ours)
    run_sessions ours on_ours
    ;;
hosted)
    run_sessions hosted on_hosted
    check_plugging
    ;;
bundle)
    take_bundle
    start_peer
    run_sessions bundle on_theirs
    check_alike
    stop_peer
    umount /usr/lib/pcsc/drivers
    ;;
*)
    exit 0
    ;;
esac

# compare SPECIFICATION: the lines that differ, with < before the peer's and > before ours, are
# left in $changes, and those that are not in the list in $left.
compare()
{
    local name=${1//[^A-Za-z0-9_]/_} patterns
    patterns=$(patterns_of "$1"; patterns_of "$side:$1")
    changes=$(diff "$work/$name.peer" "$work/$name.$side" | grep '^[<>]' || true)
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
