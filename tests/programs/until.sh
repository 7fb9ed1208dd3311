#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# until.sh SECONDS PATTERN COMMAND...: runs a program that does not end by itself until a
# line that it has printed matches, or it hangs; then prints all that it said.
set -euo pipefail
limit=$((SECONDS + $1))
pattern=$2
shift 2
said=$(mktemp)
"$@" >"$said" 2>&1 &
program=$!
trap 'kill "$program" 2>/dev/null || true; rm -f "$said"' EXIT
while ! grep -Eq -- "$pattern" "$said" && [ "$SECONDS" -lt "$limit" ] \
    && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
done
kill "$program" 2>/dev/null || true
wait "$program" 2>/dev/null || true
cat "$said"
