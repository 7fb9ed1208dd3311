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
text=$(scard apdu -p t1 "$reader" 80E0010000)
expect "256 bytes" "$text" '90 00'
scard features "$reader" >/dev/null

# While a program watches: the card goes and comes, the reader goes and comes.
LD_LIBRARY_PATH=$build_dir "$build_dir/src/cli/scard" watch -t 50 >"$work/watch" &
watch=$!
seen()
{
    grep -Eq -- "$1" "$work/watch"
}
check "watch begins" wait_for 10 seen "$reader"
plug remove 0 0
check "the removal is seen" wait_for 10 seen card-removed
plug insert 0 0
check "the insertion is seen" wait_for 10 seen card-inserted
plug unplug 0
check "the unplugging is seen" wait_for 10 seen reader-removed
plug plug gempc_twin
check "the plugging is seen" wait_for 10 seen reader-added
kill "$watch"
wait "$watch" || true

# Each command is a process of its own, which finds things as they are.
expect "a reader that came" "$(scard list)" "$reader"
plug remove 1 0
expect "no card" "$(scard list)" 'no card'
plug insert 1 0
text=$(scard apdu "$reader" 80E1000003010203)
expect "a card that came" "$text" '^< (01 02 03|61 03)'
plug counts 1
echo "$answer"
plug unplug 1
forbid "a reader that went" "$(scard list || true)" "$reader"
echo "smoke: $checks checks"
