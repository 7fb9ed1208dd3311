#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# scard and the Windows sample on libwinscard.so.1; the trace keeps PINs to itself.
# shellcheck source=tests/client/common.sh
. "$(dirname "$0")/common.sh"
scard=$build_dir/src/cli/scard

out=$(in_mode timeout "$hang" "$scard" --json list | /usr/bin/python3 -m json.tool)
expect "scard list --json" "$out" "WinSCard Software Card 0"
out=$(WINSCARD_TRACE=$work/trace in_mode timeout "$hang" "$scard" apdu 1 00A4040C05F0534F4654 \
    0020008106313233343536 00B0830010)
expect "scard apdu" "$out" "^< 4F 6E 6C 79 20"
forbid "scard apdu masks PINs" "$out" "31 32 33 34 35 36"
trace=$(cat "$work/trace")
expect "trace" "$trace" "SCardTransmit .*send=00A4040C05F0534F4654 received=9000"
expect "trace, VERIFY" "$trace" "send=0020008106\[6 bytes masked\] received=9000"
forbid "trace, VERIFY" "$trace" "313233343536"
expect "trace, mode" "$(stat -c %a "$work/trace")" '^600$'
for text in a w; do
    out=$(in_mode timeout "$hang" "$build_dir/tests/abi/windows_sample_$text" 2>&1 || true)
    expect "Windows sample, $text" "$out" "WinSCard Software Card 0"
done
out=$(WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/nobody \
    timeout "$hang" "$scard" list 2>&1 || true)
expect "a carrier that is not there" "$out" "SCARD_E_NO_SERVICE"
done_with scard
