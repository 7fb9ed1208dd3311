#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A C program of pcsc-lite's, built with its headers and linked with its library, on ours;
# delegation; loading without effects; waiting without wake-ups.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
if [ ! -e /usr/include/PCSC/winscard.h ]; then
    echo "PCSC/winscard.h is missing: Debian package libpcsclite-dev" >&2
    exit 1
fi
cc -I/usr/include/PCSC "$source_dir/tests/programs/loading.c" -lpcsclite -ldl -o "$work/loading"

out=$(on_ours "$work/loading" linked "$soft_name")
expect "linked with pcsc-lite's library" "$out" "linked: 10 bytes, No smart card inserted."
out=$(LD_PRELOAD=$library timeout "$hang" "$work/loading" linked "$soft_name")
expect "the same by LD_PRELOAD" "$out" "linked: 10 bytes"
out=$(LIBPCSCLITE_DELEGATE=$library timeout "$hang" "$work/loading" delegate "$soft_name")
expect "delegation" "$out" "delegate: 18 functions"
for file in "$library" "$build_dir/libwinscard.so.1"; do
    out=$(timeout "$hang" "$work/loading" quiet "$file")
    expect "loading $file" "$out" "quiet: 0 new files, 0 new threads"
done

# wakeups PID: times its threads gave up the processor, so far.
wakeups()
{
    cat /proc/"$1"/task/*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'
}

# quietest PID: the wake-ups in 2 s, of a program that has told of its readers and settled:
# of some looks the least, since what was there first is looked at when the machine lets it.
quietest()
{
    local before count least=
    for _ in $(seq 100); do
        before=$(wakeups "$1")
        sleep 2
        count=$(($(wakeups "$1") - before))
        [ -n "$least" ] && [ "$least" -le "$count" ] || least=$count
        grep -q present "$work/watch" || continue
        [ "$least" -gt 0 ] || break
    done
    echo "$least"
}
for readers in soft: "vpcd:$(free_port)"; do
    WINSCARD_READERS=$readers "$build_dir/src/cli/scard" watch >"$work/watch" &
    watcher=$!
    children+=("$watcher")
    expect "wake-ups in 2 s of waiting with $readers" "$(quietest "$watcher")" '^0$'
    kill "$watcher"
    wait "$watcher" || true
    expect "the watch had begun with $readers" "$(cat "$work/watch")" "present"
done
done_with loading
