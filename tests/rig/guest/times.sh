#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# times.sh BUILD [ROUNDS] [SPECIFICATION]: by hand, with Debian's pcscd and libccid and with our
# library in the process: how long after a reader was plugged in a waiting program hears of its
# card, and how long a new program takes to its card's ATR, with pcscd running already. Medians,
# and ratios. Needs run.sh -u.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/pcscd.sh
. "$(dirname "$0")/pcscd.sh"
rounds=${1:-15}
specification=${2:-gempc_twin?card=t1}

# shellcheck disable=SC2317 # called by take
on_theirs()
{
    timeout "$hang" "$@"
}

median()
{
    sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# take SIDE RUNNER...: ns, a line each, in $work/SIDE.plugged and $work/SIDE.cold.
number=0
take()
{
    local side=$1 began heard round
    shift
    for ((round = 0; round < rounds; round++)); do
        : >"$work/heard"
        "$@" "$programs/rig_await" >"$work/heard" &
        check "it waits" wait_for grep -q ready "$work/heard"
        began=$(date +%s%N)
        plug plug "$specification"
        wait "$!"
        heard=$(awk '/^present/ { print $2 }' "$work/heard")
        echo $((heard - began)) >>"$work/$side.plugged"
        began=$(date +%s%N)
        "$@" "$programs/rig_first" 1 0 >/dev/null
        echo $(($(date +%s%N) - began)) >>"$work/$side.cold"
        plug unplug "$number"
        number=$((number + 1))
        check "it leaves" "$@" "$programs/rig_session" -e >/dev/null
    done
}

# shellcheck disable=SC2119 # nothing is plugged yet
plug_start
start_peer
take theirs on_theirs
stop_peer
take ours on_ours
for what in plugged cold; do
    theirs=$(median <"$work/theirs.$what") ours=$(median <"$work/ours.$what")
    awk -v what="$what" -v theirs="$theirs" -v ours="$ours" 'BEGIN {
        printf "%s: pcscd %.1f ms, ours %.1f ms, ratio %.2f\n", what, theirs / 1e6, ours / 1e6,
            ours / theirs }'
done
