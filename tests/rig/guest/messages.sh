#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# messages.sh BUILD [NAME...]: by hand, the table of drivers/MESSAGES.md, in $RIG_OUT/MESSAGES.md:
# the messages that it takes from plugging a reader in to its card's first answer, and for each
# command after that, with Debian's pcscd and libccid and with our library. Needs run.sh -u.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"
# shellcheck source=tests/rig/guest/pcscd.sh
. "$(dirname "$0")/pcscd.sh"
here=$(dirname "$0")
commands=20 # after the first
names=("$@")
if [ $# -eq 0 ]; then
    for name in "${all_readers[@]}"; do
        if grep -qx "$(usb_of "$name")" "$work/supported" &&
            ! grep -Eq "^$name +peer-fails" "$here/differences.list"; then
            names+=("$name")
        fi
    done
fi

# On Debian's libpcsclite.
# shellcheck disable=SC2317 # called by count
on_theirs()
{
    timeout "$hang" "$@"
}

# count NAME COMMANDS RUNNER...: what a session of so many commands takes: the bulk messages both
# ways, and the control transfers, left in $bulk and $control; "-": it has failed.
number=0
count()
{
    local name=$1 sent=$2 slots
    shift 2
    slots=$(slots_of "$name")
    plug plug "$name"
    bulk=- control=-
    if "$@" "$programs/rig_first" "$slots" "$sent" >>"$RIG_OUT/first.log" 2>&1; then
        plug counts "$number"
        read -r control bulk < <(
            sed 's/^counts [0-9]* //; s/[a-z_]*=//g' <<<"$answer" | awk '{ print $1, $2 + $3 }')
    fi
    plug unplug "$number"
    number=$((number + 1))
    check "it leaves" "$@" "$programs/rig_session" -e >/dev/null
}

# take SIDE RUNNER...: a line "NAME BULK CONTROL LATER" for each reader in $work/SIDE.
take()
{
    local side=$1 name first first_control
    shift
    for name in "${names[@]}"; do
        count "$name" 1 "$@"
        first=$bulk first_control=$control
        count "$name" $((1 + commands)) "$@"
        if [ "$first" = - ] || [ "$bulk" = - ]; then
            echo "$name - - -"
        else
            awk -v name="$name" -v first="$first" -v control="$first_control" -v all="$bulk" \
                -v commands="$commands" \
                'BEGIN { printf "%s %d %d %.1f\n", name, first, control, (all - first) / commands }'
        fi
    done >"$work/$side"
}

# shellcheck disable=SC2119 # nothing is plugged yet
plug_start
start_peer
take theirs on_theirs
stop_peer
take ours on_ours
{
    echo "| reader | to the first answer: libccid | ours | control transfers: libccid" \
        "| ours | for a command: libccid | ours |"
    echo "|---|---|---|---|---|---|---|"
    join "$work/theirs" "$work/ours" |
        awk '{ print "| " $1 " | " $2 " | " $5 " | " $3 " | " $6 " | " $4 " | " $7 " |" }'
} | tee "$RIG_OUT/MESSAGES.md"
