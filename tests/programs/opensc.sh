#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# opensc-tool and scriptor: list, ATR, commands, PIN.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need opensc-tool opensc
need scriptor pcsc-tools

out=$(on_ours opensc-tool --list-readers)
expect "opensc-tool -l" "$out" "^0 +Yes .*$soft_name"
out=$(on_ours opensc-tool --atr 2>/dev/null)
expect "opensc-tool --atr" "${out^^}" "^${soft_atr// /:}"
out=$(on_ours opensc-tool -s 00A4040C05F0534F4654 -s 00B0810004 2>/dev/null)
expect "opensc-tool, SELECT" "$out" "SW1=0x90, SW2=0x00"
expect "opensc-tool, READ BINARY" "$out" "54 68 69 73"
out=$(WINSCARD_READERS='soft:?protocol=t1' on_ours opensc-tool -s 00A4040C05F0534F4654 \
    2>/dev/null)
expect "opensc-tool over T=1" "$out" "SW1=0x90, SW2=0x00"

cat >"$work/script" <<'END'
00 A4 04 0C 05 F0 53 4F 46 54
00 B0 83 00 10
00 20 00 81 06 30 30 30 30 30 30
00 20 00 81 06 31 32 33 34 35 36
00 B0 83 00 10
END
out=$(on_ours scriptor "$work/script" 2>&1)
expect "scriptor" "$out" "Using T=1 protocol"
expect "scriptor, secret file" "$out" "69 82"
expect "scriptor, wrong PIN" "$out" "63 C2"
expect "scriptor, after the PIN" "$out" "4F 6E 6C 79 20"
done_with opensc
