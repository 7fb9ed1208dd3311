#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# GnuPG's scdaemon: it loads our library, sees the reader and its card, and says that the
# card is not one of OpenPGP.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
daemon=/usr/lib/gnupg/scdaemon
[ -x "$daemon" ] || { echo "scdaemon is missing: Debian package scdaemon" >&2; exit 1; }
export GNUPGHOME=$work/home
mkdir -m 700 "$GNUPGHOME"
printf 'disable-ccid\npcsc-driver %s\ndebug-level 9\nlog-file %s\n' "$library" "$work/scd.log" \
    >"$GNUPGHOME/scdaemon.conf"
out=$(printf 'GETINFO reader_list\nSERIALNO\nAPDU 00A4040C05F0534F4654\nBYE\n' \
    | in_mode timeout "$hang" "$daemon" --server 2>&1 || true)
log=$(cat "$work/scd.log" 2>/dev/null || true)
expect "scdaemon, the reader" "$out$log" "$soft_name"
expect "scdaemon, the ATR" "$log" "ATR=$soft_atr"
expect "scdaemon, the protocol" "$log" "active protocol: T1"
expect "scdaemon, none of its cards" "$log" "no supported card application found"
forbid "scdaemon, our library" "$out$log" "error loading|cannot open|pcsc_.* failed"
done_with scdaemon
