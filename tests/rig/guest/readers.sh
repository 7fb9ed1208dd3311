# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by the tests: the readers of tests/rig/sim/readers.list; with RIG_PART=I/COUNT
# (parts.sh) every COUNT-th of them, from I on.
reader_list=$(dirname "${BASH_SOURCE[0]}")/../sim/readers.list
mapfile -t all_readers < <(awk -v part="${RIG_PART:-0/1}" '
    BEGIN { split(part, p, "/") }
    $1 == "reader" && n++ % p[2] == p[1] { print $2 }' "$reader_list")
export all_readers

# slots_of NAME: how many slots it has on all its interfaces, each of them a reader of the
# API. bMaxSlotIndex is byte 4 of the class descriptor.
slots_of()
{
    local descriptor count=0
    while read -r descriptor; do
        count=$((count + 16#${descriptor:8:2} + 1))
    done < <(awk -v name="$1" '$1 == "reader" { here = $2 == name }
        $1 == "interface" && here { print $NF }' "$reader_list")
    echo "$count"
}

# usb_of NAME: its VENDOR:PRODUCT.
usb_of()
{
    awk -v name="$1" '$1 == "reader" && $2 == name { print $3 }' "$reader_list"
}

# is_token NAME: reader and card in one, whose card never leaves it: no bulk endpoints.
is_token()
{
    awk -v name="$1" '$1 == "reader" { here = $2 == name }
        $1 == "interface" && here && $5 == "-" { found = 1 }
        END { exit !found }' "$reader_list"
}
