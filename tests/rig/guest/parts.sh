#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# parts.sh COUNT ARGUMENT-OF-RUN.SH...: so many guests at once, each of which does a part:
# their scripts get RIG_PART=I/COUNT, which readers.sh heeds. What they say comes one after
# the other; the status is 0 if all of theirs are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
count=$1
shift
bash "$here/kernel.sh" >/dev/null # by one, not by all
said=$(mktemp -d)
guests=()
# shellcheck disable=SC2317 # called by the trap
end()
{
    kill "${guests[@]}" 2>/dev/null || true
    wait || true
    rm -rf "$said"
}
trap end EXIT
trap 'exit 143' TERM INT HUP
for ((i = 0; i < count; i++)); do
    RIG_PART=$i/$count bash "$here/run.sh" "$@" >"$said/$i" 2>&1 &
    guests+=($!)
done
status=0
for ((i = 0; i < count; i++)); do
    wait "${guests[i]}" || status=$?
    echo "== part $((i + 1)) of $count"
    cat "$said/$i"
done
exit "$status"
