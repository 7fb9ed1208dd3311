#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads.sh WINE PLACE FOLDER: the threads that our DLL, and libusb in it, has started in a
# Windows program's process block every signal: what Wine sends is for its own threads, and its
# handlers work in no other.
set -euo pipefail
# shellcheck source=tests/wine/common.sh
. "$(dirname "$0")/common.sh"
use_wine "$1" "$2"
cd "$place/$3"
work=$(mktemp -d)
holder=
finish()
{
    [ -z "$holder" ] || kill -KILL "$holder" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

mkfifo "$work/input"
"$wine" session.exe hold <"$work/input" >"$work/held" 2>&1 &
holder=$!
exec 9>"$work/input"
until grep -q '^held' "$work/held"; do
    kill -0 "$holder"
    sleep 0.02
done
ours=0
for task in "/proc/$holder"/task/*; do
    name=$(cat "$task/comm")
    case $name in
    scard* | winscard* | libusb*) ;;
    *) continue ;;
    esac
    ours=$((ours + 1))
    blocked=$(sed -n 's/^SigBlk:[ \t]*//p' "$task/status")
    # Signals 1 to 31, without SIGKILL and SIGSTOP.
    if [ $((0x$blocked & 0x7ffbfeff)) != $((0x7ffbfeff)) ]; then
        echo "$name blocks $blocked alone"
        exit 1
    fi
done
[ "$ours" -gt 0 ] || { echo 'no thread of ours was found'; exit 1; }
exec 9>&-
wait "$holder"
holder=
echo "$ours threads"
