#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# service.sh WINE PLACE FOLDER BUILD: Windows programs and a Unix program on one reader of a
# winscardd, by its Unix socket: a session, three at a time that share the card, and one that
# is killed in its transaction.
set -euo pipefail
# shellcheck source=tests/wine/common.sh
. "$(dirname "$0")/common.sh"
use_wine "$1" "$2"
cd "$place/$3"
build=$4
work=$(mktemp -d)
children=()
finish()
{
    local child
    for child in "${children[@]}"; do
        kill "$child" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT

"$build/service/winscardd" --foreground --socket "$work/s" --readers soft: \
    2>"$work/service.log" &
daemon=$!
children+=("$daemon")
until [ -S "$work/s" ]; do
    kill -0 "$daemon"
    sleep 0.02
done
export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s
windows session.exe all

# Of three that take turns none comes into another's.
windows session.exe share 200 &
first=$!
windows session.exe share 200 &
second=$!
for ((i = 0; i < 20; i++)); do
    "$build/src/cli/scard" apdu 1 00A4040C05F0534F4654 >"$work/unix"
    grep -q '90 \?00' "$work/unix"
done
wait "$first"
wait "$second"
echo "three programs shared the card"

# killed PROGRAM...: it holds the card and is killed; the others go on at once.
killed()
{
    mkfifo "$work/input"
    "$@" <"$work/input" >"$work/held" 2>&1 &
    local holder=$!
    children+=("$holder")
    exec 9>"$work/input"
    until grep -q '^held' "$work/held"; do
        kill -0 "$holder"
        sleep 0.02
    done
    kill -KILL "$holder"
    wait "$holder" 2>/dev/null || true
    windows session.exe share 1
    exec 9>&-
    rm "$work/input"
    echo "killed: $*"
}
killed "$wine" session.exe hold

# The service goes while a program has a context: the program ends in order all the same.
mkfifo "$work/input"
"$wine" session.exe hold <"$work/input" >"$work/held" 2>&1 &
holder=$!
children+=("$holder")
exec 9>"$work/input"
until grep -q '^held' "$work/held"; do
    kill -0 "$holder"
    sleep 0.02
done
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null || true
exec 9>&-
if wait "$holder"; then
    echo "a program has not noticed that its service is gone"
    exit 1
fi
grep -q 'SCardEndTransaction(card, SCARD_LEAVE_CARD)' "$work/held"
echo "the service was killed"
