#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# scard and the Windows sample on libwinscard.so.1; the trace keeps PINs to itself.
# shellcheck source=tests/programs/common.sh
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
expect "trace, the thread" "$trace" "Z \[thread [0-9]+\] SCardConnect[AW]? "
expect "trace, names" "$trace" 'share=SHARED protocols=T0\|T1 card=[0-9a-f]+ active=T[01] '
expect "trace, a disposition" "$trace" "SCardDisconnect .*disposition=LEAVE "
expect "trace, VERIFY" "$trace" "send=0020008106\[6 bytes masked\] received=9000"
forbid "trace, VERIFY" "$trace" "313233343536"
expect "trace, mode" "$(stat -c %a "$work/trace")" '^600$'
if [ -z "${IN_SERVICE:-}" ]; then
    log=$(WINSCARD_LOG=debug timeout 20 "$scard" apdu 1 00A4040C05F0534F4654 \
        0020008106313233343536 2>&1 >/dev/null)
    expect "log, the driver" "$log" "Card 00 00: driver: cold reset: SCARD_S_SUCCESS, [0-9]+ ms"
    expect "log, a protocol" "$log" "Card 00 00: driver: protocol T="
    expect "log, the manager" "$log" "Card 00 00: connect, shared, T=[01]: SCARD_S_SUCCESS"
    expect "log, a transaction" "$log" "Card 00 00: end transaction, leave: SCARD_S_SUCCESS"
    forbid "log, PIN" "$log" "31 ?32 ?33 ?34|123456"
    log=$(WINSCARD_LOG=info timeout 20 "$scard" apdu 1 00A4040C05F0534F4654 2>&1 >/dev/null)
    forbid "log, less of it" "$log" "driver:"
fi
for text in a w; do
    out=$(in_mode timeout "$hang" "$build_dir/tests/abi/windows_sample_$text" 2>&1 || true)
    expect "Windows sample, $text" "$out" "WinSCard Software Card 0"
done
out=$(WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/nobody \
    timeout "$hang" "$scard" list 2>&1 || true)
expect "a carrier that is not there" "$out" "SCARD_E_NO_SERVICE"
done_with scard
