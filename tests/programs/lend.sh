#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# scard lend: to a host of VSCard that lend_host.py is.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
scard=$build_dir/src/cli/scard
lend() { /usr/bin/python3 -B "$source_dir/tests/programs/lend.py" "$scard" "$@"; }
export LEND_JSON=$work/json WINSCARD_CARRIER=local

# Both deadlines pass while the rest goes on.
lend silent &
silent=$!
children+=("$silent")
WINSCARD_READERS='soft:?protocol=t1' lend extended
WINSCARD_READERS='soft:?blink=50' lend blinking
lend alone
/usr/bin/python3 -B "$source_dir/tests/programs/members.py" \
    "$source_dir/packaging/man/scard-json.7" lend "$LEND_JSON"
out=$("$scard" lend 1 "0.0.0.0:$(free_port)" 2>&1 || true)
expect "another machine's address" "$out" "warning: .* not encrypted: others .* can see PINs"
out=$("$scard" lend 1 "[::1]:$(free_port)" 2>&1 || true)
expect "IPv6" "$out" "nobody listens at"
forbid "this machine's address" "$out" "warning"
wait "$silent"

if [ ! -x "$build_dir/service/winscardd" ]; then
    done_with lend
    exit 0
fi
echo 'allow everyone use any reader
allow everyone control any reader' >"$work/open"
"$build_dir/service/winscardd" --foreground --socket "$work/s" --readers 'soft:' \
    --policy "$work/open" 2>"$work/service.log" &
service=$!
children+=("$service")
until [ -S "$work/s" ]; do
    kill -0 "$service"
    sleep 0.02
done
unset WINSCARD_READERS
export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s
lend service
lend stopped "$service"
wait "$service"
done_with lend
