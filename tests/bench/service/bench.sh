#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh BUILD [full|quick] [COLUMN...]: what calls through a service cost, Debian's pcscd
# and ours with equal null drivers, as one table. Columns: pcscd (wants root, and the Debian
# packages pcscd and libpcsclite-dev at the time of the build), mixed (ours, with Debian's
# libpcsclite in the clients) and ours; all, if none is named. Fails only if something does
# not work, never for a time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
scale=${2:-full}
columns=("${@:3}")
[ ${#columns[@]} -gt 0 ] || columns=(pcscd mixed ours)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# column NAME: its figures, or why there are none.
column()
{
    local run=(bash "$here/column.sh" "$build" "$folder" "$1" "$scale")
    if [ "$1" = ours ]; then
        if ! "${run[@]}"; then
            failed=1
            tail -20 "$folder/ours.log" >&2
        fi
    elif [ "$1" = mixed ]; then
        if ldconfig -p | grep 'libpcsclite\.so\.1 ' >/dev/null; then
            "${run[@]}" || true
        else
            echo "bench: no column of libpcsclite: libpcsclite1 is not installed" >&2
        fi
    elif ! command -v pcscd >/dev/null || [ ! -e "$build/tests/bench/service/null_ifd.so" ]; then
        echo "bench: no column of pcscd: it or libpcsclite-dev is not installed" >&2
    elif ! unshare -m true 2>/dev/null; then
        echo "bench: no column of pcscd: that takes root" >&2
    else
        unshare -m "${run[@]}" || true
    fi
}

for name in "${columns[@]}"; do
    column "$name"
done
touch "$folder/pcscd" "$folder/mixed" "$folder/ours"
awk -F '\t' -v pcscd="$folder/pcscd" -v mixed="$folder/mixed" -v ours="$folder/ours" \
    -v list="$here/figures.list" '
    function load(file, into, line, part) {
        while ((getline line < file) > 0) {
            split(line, part, "\t")
            into[part[1]] = part[3]
            if (part[2] != "-")
                into_floor(part[1], part[2])
        }
    }
    function into_floor(key, found) {
        if (key in floor)
            found = floor[key] ", " found
        floor[key] = found
    }
    function row(what, ping, theirs, both, own, target) {
        printf "%-50s | %-22s | %-36s | %-36s | %-36s | %s\n", what, ping, theirs, both,
            own, target
    }
    function cell(of, key) {
        return key in of ? of[key] : "-"
    }
    BEGIN {
        load(pcscd, his)
        load(mixed, mix)
        load(ours, us)
        row("call", "ping-pong", "pcscd", "ours, their library", "ours", "target")
        while ((getline line < list) > 0) {
            split(line, part, "|")
            key = part[1]
            if (line !~ /^#/ && (key in his || key in mix || key in us))
                row(part[2], cell(floor, key), cell(his, key), cell(mix, key),
                    cell(us, key), part[3])
        }
    }'
exit $failed
