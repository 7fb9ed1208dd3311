#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Java's javax.smartcardio.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need java default-jdk-headless
# Debian links its libj2pcsc.so with libpcsclite.so.1; other JDKs load what the property says.
out=$(on_ours java \
    "-Dsun.security.smartcardio.library=$library" "$source_dir/tests/programs/Cards.java" \
    2>&1 || true)
expect java "$out" "^terminals 1: $soft_name"
expect java "$out" "^ATR $soft_atr T=1"
expect java "$out" "^SELECT 9000"
expect java "$out" "^READ This"
expect java "$out" "^absent true"
expect java "$out" "^present true"
done_with java
