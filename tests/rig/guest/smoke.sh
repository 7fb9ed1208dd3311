#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Readers are plugged in, used by the tool on our driver, emptied, filled, shared between
# processes and unplugged. Debian's libusb learns of what is plugged in from udevd alone:
# without it (run.sh without -u) readers are those that were there at start, and that they
# leave is noticed all the same.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
reader="Gemalto PC Twin Reader"
news_due_ms=2500 # a new card that does not answer is reported after 3 s all the same
hotplug=no
if [ -S /run/udev/control ]; then
    hotplug=yes
fi

# watch_start: the tool watches, which claims all readers; what it says is in $work/watch.
watch_start()
{
    : >"$work/watch"
    LD_LIBRARY_PATH=$build_dir "$build_dir/src/cli/scard" watch -t "$hang" >>"$work/watch" &
    watch=$!
}

watch_stop()
{
    kill "$watch"
    wait "$watch" || true
}

seen()
{
    grep -Eqs -- "$1" "$work/watch"
}


# The numbers of transfers of reader $1, as one number each: out, in, all.
take_counts()
{
    plug counts "$1"
    read -r control bulk_out bulk_in interrupt_in < <(
        sed 's/^counts [0-9]* //; s/[a-z_]*=//g' <<<"$answer")
    transfers=$((control + bulk_out + bulk_in + interrupt_in))
}

# No transfer in 5 s, of a reader that has settled.
silent()
{
    local before
    take_counts "$1"
    before=$transfers
    sleep 5
    take_counts "$1"
    echo "transfers in 5 s without anything: $((transfers - before))"
    [ "$transfers" -eq "$before" ]
}

use_one()
{
    local list text
    list=$(scard list)
    expect "scard list" "$list" "$reader"
    expect "scard list" "$list" 'card present'
    expect "scard status" "$(scard status "$reader")" '^ *ATR +3B'
    text=$(scard apdu "$reader" 00A4040005F0534F4654 00B0810010)
    expect "READ BINARY" "$text" '^< 54 68 69 73 20 69 73 20 61 20 73 6F 66 74 77 61'
    text=$(scard apdu -p t1 "$reader" 80E0010000)
    expect "256 bytes" "$text" '90 00'
    scard features "$reader" >/dev/null
}

# While a program watches: the card goes and comes, the reader goes and comes.
watch_one()
{
    watch_start
    check "watch begins" wait_for seen "$reader"
    plug remove 0 0
    check "the removal is seen" wait_for seen card-removed
    plug insert 0 0
    check "the insertion is seen" wait_for seen card-inserted
    plug unplug 0
    check "the unplugging is seen" wait_for seen reader-removed
    plug plug gempc_twin
    if [ "$hotplug" = yes ]; then
        check "the plugging is seen" wait_for seen reader-added
    fi
    watch_stop
}

# Each command is a process of its own, which finds things as they are.
find_anew()
{
    local text
    check "the kernel configures it" wait_for present 08e6 3437 1
    expect "a reader that came" "$(scard list)" "$reader"
    plug remove 1 0
    expect "no card" "$(scard list)" 'no card'
    plug insert 1 0
    text=$(scard apdu "$reader" 80E1000003010203)
    expect "a card that came" "$text" '^< (01 02 03|61 03)'
    plug counts 1
    echo "$answer"
}

# A reader belongs to one process: others see it, and get it afterwards.
share()
{
    local text first
    watch_start
    first=$watch
    check "the first has it" wait_for seen "$reader"
    text=$(scard list)
    expect "the other lists it" "$text" "$reader"
    expect "the other lists it as taken" "$text" '^ *state +cannot be used'
    text=$(scard apdu "$reader" 00A4040005F0534F4654 2>&1 || true)
    expect "and cannot use it" "$text" SCARD_E_SHARING_VIOLATION
    mv "$work/watch" "$work/watch.first"
    watch_start
    check "the other watches" wait_for seen "$reader"
    forbid "no card is seen" "$(cat "$work/watch")" 'card present|card-inserted'
    kill "$first"
    wait "$first" || true
    check "it becomes usable" wait_for seen 'card-inserted|card present'
    watch_stop
    text=$(scard apdu "$reader" 80E1000003010203)
    expect "after the other" "$text" '^< (01 02 03|61 03)'
}

# What it costs: 2 transfers for an APDU at APDU level, none while nothing happens.
count_transfers()
{
    local few
    plug plug omnikey_3x21
    check "the kernel configures it" wait_for present 076b 3031 1
    take_counts 2
    few=$((bulk_out + bulk_in))
    scard apdu -p t1 OMNIKEY 80E0001010 >/dev/null
    take_counts 2
    few=$((bulk_out + bulk_in - few))
    local before=$((bulk_out + bulk_in)) ten=80E0001010
    # shellcheck disable=SC2046 # ten arguments more
    scard apdu -p t1 OMNIKEY 80E0001010 $(printf "$ten %.0s" {1..10}) >/dev/null
    take_counts 2
    echo "transfers for 10 APDUs: $((bulk_out + bulk_in - before - few))"
    check "2 transfers for an APDU" [ $((bulk_out + bulk_in - before - few)) -eq 20 ]
    watch_start
    check "watch sees it" wait_for seen OMNIKEY
    check "silence" wait_for silent 2
    watch_stop
    plug unplug 2
}

# Others go on while a card does not answer: mute, and with time extensions for ever.
delay()
{
    plug plug omnikey_3x21
    plug plug axalto_v3
    plug plug acr38u
    check "the kernel configures it" wait_for present 072f 90cc 1
    check "others go on" on_ours "$programs/rig_delay" OMNIKEY Axalto 02 ACS 0A
    plug unplug 3
    plug unplug 4
    plug unplug 5
}

# A card is put in that does not answer to reset, and then another elsewhere: that one is
# reported first, and the other, some seconds later, all the same. Where the machine took
# so long that the first was due as well, the order says nothing, and it is done again.
news()
{
    local began took=$news_due_ms
    plug plug 'axalto_v3?card=none&fault=POWER_NEVER*50'
    plug plug 'omnikey_3x21?card=none'
    check "the kernel configures it" wait_for present 076b 3031 1
    watch_start
    check "one is listed" wait_for seen Axalto
    check "the other is listed" wait_for seen OMNIKEY
    while [ "$took" -ge "$news_due_ms" ]; do
        : >"$work/watch"
        began=$(date +%s%N)
        plug insert 6 0
        plug insert 7 0
        check "the other's card is seen" wait_for seen 'card-inserted.*OMNIKEY'
        cp "$work/watch" "$work/first"
        took=$((($(date +%s%N) - began) / 1000000))
        check "and that one too" wait_for seen 'card-inserted.*Axalto'
        plug remove 6 0
        plug remove 7 0
        check "both are out" wait_for seen 'card-removed.*Axalto'
        check "both are out" wait_for seen 'card-removed.*OMNIKEY'
    done
    echo "news beside a card that hangs: after $took ms"
    forbid "before the one that hangs" "$(cat "$work/first")" 'card-inserted.*Axalto'
    watch_stop
    plug unplug 6
    plug unplug 7
}

# A token whose card is absent, and comes; it has no interrupt endpoint.
token()
{
    plug plug "gemalto_pdt?card=none"
    check "the kernel configures it" wait_for present 08e6 1227 1
    watch_start
    check "the token is listed" wait_for seen 'Gemalto.*(PDT|Portable)'
    plug insert 8 0
    check "its card is seen" wait_for seen card-inserted
    watch_stop
    plug unplug 8
}

plug_start gempc_twin
check "the kernel configures it" wait_for present 08e6 3437 1
use_one
watch_one
find_anew
share
count_transfers
delay
news
plug unplug 1
forbid "a reader that went" "$(scard list || true)" "$reader"
token
echo "smoke: $checks checks, hotplug: $hotplug"
