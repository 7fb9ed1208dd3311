#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A reader is plugged in, used by the tool on our driver, emptied, filled and unplugged.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
reader="Gemalto PC Twin Reader"

plug_start gempc_twin
check "the kernel configures it" wait_for 10 present 08e6 3437 1

list=$(scard list)
expect "scard list" "$list" "$reader"
expect "scard list" "$list" 'card present'
expect "scard status" "$(scard status "$reader")" '^ *ATR +3B'
text=$(scard apdu "$reader" 00A4040005F0534F4654 00B0810010)
expect "READ BINARY" "$text" '^< 54 68 69 73 20 69 73 20 61 20 73 6F 66 74 77 61'
text=$(scard apdu -p T=1 "$reader" 80E0010000)
expect "256 bytes" "$text" '90 00'
scard features "$reader" >/dev/null

# While a program watches: the card goes and comes, the reader goes, comes and goes.
on_ours "$build_dir/src/cli/scard" watch -t 50 -c 6 >"$work/watch" &
watch=$!
seen()
{
    grep -Eq -- "$1" "$work/watch"
}
check "watch begins" wait_for 10 seen "$reader"
plug remove 0 0
check "the removal is seen" wait_for 10 seen 'card-removed|card removed'
expect "scard list without a card" "$(scard list)" 'no card'
plug insert 0 0
check "the insertion is seen" wait_for 10 seen 'card-inserted|card inserted'
expect "scard apdu afterwards" "$(scard apdu "$reader" 80E1000003010203)" '^< (01 02 03|61 03)'
plug unplug 0
check "the unplugging is seen" wait_for 10 seen 'reader-removed|reader removed'
forbid "scard list without a reader" "$(scard list || true)" "$reader"
plug plug gempc_twin
check "the plugging is seen" wait_for 10 seen 'reader-added|reader added'
expect "scard list with a reader" "$(scard list)" "$reader"
kill "$watch" 2>/dev/null || true

plug counts 1
echo "$answer"

echo "smoke: $checks checks"
