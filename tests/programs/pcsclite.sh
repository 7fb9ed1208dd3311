#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A program with one context and several threads, and one that looks now and then.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
if [ ! -e /usr/include/PCSC/winscard.h ]; then
    echo "PCSC/winscard.h is missing: Debian package libpcsclite-dev" >&2
    exit 1
fi
cc -I/usr/include/PCSC "$source_dir/tests/programs/pcsclite.c" -lpcsclite -lpthread \
    -o "$work/program"
out=$(WINSCARD_READERS='soft:?count=2' on_ours "$work/program" threads) || true
expect "threads" "$out" "^threads: [0-9]+ checks, 0 failed"
out=$(on_ours "$work/program" look) || true
expect "look" "$out" "^look: [0-9]+ checks, 0 failed"
if [ "${IN_SERVICE:-}" = pcscd ]; then
    out=$(on_ours "$work/program" status) || true
    expect "status" "$out" "^status: [0-9]+ checks, 0 failed"
fi
done_with pcsclite
