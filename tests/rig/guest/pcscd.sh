# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by the tests that compare with Debian's pcscd and libccid, after common.sh.
# shellcheck disable=SC2154
bundle=/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist
command -v pcscd >/dev/null || fail "pcscd is missing: Debian package pcscd"
[ -e "$bundle" ] || fail "$bundle is missing: Debian package libccid"

# The numbers that libccid serves, as lines VENDOR:PRODUCT.
awk -F'[<>]' '/<key>/ { key = $3 }
    /<string>0x/ && key == "ifdVendorID" { vendor[++v] = substr($3, 3) }
    /<string>0x/ && key == "ifdProductID" { product[++p] = substr($3, 3) }
    END { for (i = 1; i <= v; i++) print toupper(vendor[i] ":" product[i]) }' \
    "$bundle" >"$work/supported"

# Without the serial and virtual readers of this machine's configuration.
start_peer()
{
    : >"$work/reader.conf"
    pcscd --foreground --error --config "$work/reader.conf" \
        >>"$RIG_OUT/pcscd.${RIG_PART%/*}.log" 2>&1 &
    peer=$!
    check "pcscd starts" wait_for test -S /run/pcscd/pcscd.comm
}

stop_peer()
{
    kill "$peer" 2>/dev/null || true
    for _ in {1..50}; do
        kill -0 "$peer" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$peer" 2>/dev/null || true
    wait "$peer" 2>/dev/null || true
    rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}
