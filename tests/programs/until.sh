#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# until.sh SECONDS PATTERNS COMMAND...: runs a program that does not end by itself until each
# of the patterns, a line each, has matched a line that it has printed, or it hangs; then
# prints all that it said.
set -euo pipefail
limit=$((SECONDS + $1))
mapfile -t patterns <<<"$2"
shift 2
said=$(mktemp)
"$@" >"$said" 2>&1 &
program=$!
trap 'kill "$program" 2>/dev/null || true; rm -f "$said"' EXIT
said_all()
{
    local pattern
    for pattern in "${patterns[@]}"; do
        grep -Eq -- "$pattern" "$said" || return 1
    done
}
while ! said_all && [ "$SECONDS" -lt "$limit" ] && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
done
kill "$program" 2>/dev/null || true
wait "$program" 2>/dev/null || true
cat "$said"
