#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# pcsc_scan: readers, ATR, and a card that goes out and comes back.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcsc_scan pcsc-tools

out=$(on_ours pcsc_scan -r)
expect "pcsc_scan -r" "$out" "^0: $soft_name"
seen=$'ATR: 3B\nCard removed\nEvent number: [2-9]'
out=$(WINSCARD_READERS='soft:?blink=700' on_ours_until "$seen" pcsc_scan -n)
expect "pcsc_scan" "$out" "plug'n play"
expect "pcsc_scan" "$out" "Reader 0: $soft_name"
expect "pcsc_scan" "$out" "ATR: $soft_atr"
expect "pcsc_scan, card out" "$out" "Card removed"
expect "pcsc_scan, card in again" "$out" "Event number: [2-9]"
out=$(in_mode env LD_PRELOAD="$library" timeout "$hang" pcsc_scan -r)
expect "pcsc_scan by LD_PRELOAD" "$out" "^0: $soft_name"
out=$(WINSCARD_READERS='soft:?name=L%C3%A9cteur%20%E5%8D%A1' on_ours pcsc_scan -r)
expect "pcsc_scan, a name beyond ASCII" "$out" "^0: Lécteur 卡"
out=$(WINSCARD_READERS='' on_ours pcsc_scan -r)
forbid "pcsc_scan without readers" "$out" "^0:"
done_with pcsc_scan
