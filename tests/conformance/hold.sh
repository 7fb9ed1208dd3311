# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by those that run winscard-conform, with $build_dir, $work and $checks.
# shellcheck disable=SC2154
conform=$build_dir/tests/conformance/winscard-conform
export XDG_DATA_HOME=$work/user WINSCARD_DATABASE_DIR=$work/machine
failed=0

# hold WHAT LIBRARY: every row holds, as the environment has it, and none is left out.
hold()
{
    local held
    "$conform" --destructive "$2" >"$work/rows" || true
    held=$(grep -c '^ok' "$work/rows" || true)
    checks=$((checks + held))
    if [ "$held" -eq 0 ] || grep -q '^not ok\|# SKIP' "$work/rows"; then
        echo "$1: $held rows hold, and not these:" >&2
        grep -A 8 '^not ok\|# SKIP' "$work/rows" | grep '^not ok\|^#\|# SKIP' >&2 || true
        failed=$((failed + 1))
    fi
}

# hold_both WHAT: of both libraries.
hold_both()
{
    hold "$1, libwinscard" "$build_dir/libwinscard.so.1"
    hold "$1, libpcsclite" "$build_dir/pcsclite/libpcsclite.so.1"
}

# hold_in_service WHAT URI: both, with a service that has the reader and its card.
hold_in_service()
{
    local daemon
    "$build_dir/service/winscardd" --foreground --socket "$work/s" --readers "$2" \
        --policy "$work/none" 2>>"$work/service.log" &
    daemon=$!
    until grep -q 'card present' <<<"$(WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s \
        "$build_dir/src/cli/scard" list 2>/dev/null)"; do
        kill -0 "$daemon" || { cat "$work/service.log" >&2; exit 1; }
        sleep 0.05
    done
    WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s hold_both "$1 in a service"
    kill -TERM "$daemon"
    wait "$daemon"
}
