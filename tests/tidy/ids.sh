#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# ids.sh SOURCE: what is done for single readers stands in drivers/ccid/quirks.def alone, and
# which ones of a vendor's class are served in vendor_class.def; which HID devices are tokens
# in drivers/hid/models.def. No other file of drivers/ names a vendor of the former, or of a
# simulated reader, or compares a vendor's or product's number with one of its own.
set -euo pipefail
cd "$1"
failed=0
mapfile -t vendors < <({
    sed -nE 's/^(QUIRK|PIN_SIZE)\(0x([0-9A-F]{4}), .*/\2/p' drivers/ccid/quirks.def
    sed -nE 's/^reader [a-z0-9_]+ ([0-9A-F]{4}):.*/\1/p' tests/rig/sim/readers.list
} | sort -u)
pattern="0x($(
    IFS='|'
    echo "${vendors[*]}"
))([^0-9A-F]|$)"
compared='(vendor|product)(_id)?\)? *([=!]=|[<>]=?) *(0x|[1-9])'
mapfile -t files < <(find drivers -name '*.[ch]' -o -name '*.def' ! -name quirks.def \
    ! -name vendor_class.def ! -name models.def | sort)
while IFS= read -r hit; do
    echo "$hit: a reader by its number"
    failed=$((failed + 1))
done < <(grep -HniE "$pattern|$compared" "${files[@]}")
echo "ids: ${#files[@]} files, ${#vendors[@]} vendors, $failed findings"
[ "$failed" -eq 0 ] && [ "${#vendors[@]}" -gt 30 ] && [ "${#files[@]}" -gt 30 ]
