#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The card session on our driver, with each reader of those that are named, or of all, one
# by one: every one passes the same commands. What is printed in the end is the number of
# lines that are not as they must be.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"

lower()
{
    tr A-F a-f <<<"$1"
}

failures=0
# shellcheck disable=SC2119 # without arguments: nothing is plugged yet
plug_start
number=0
for specification in "${@:-${all_readers[@]}}"; do
    name=${specification%%\?*}
    plug plug "$specification"
    usb=$(usb_of "$name")
    check "$specification is configured" wait_for present "$(lower "${usb%:*}")" \
        "$(lower "${usb#*:}")" 1
    status=0
    began=$(date +%s%N)
    slots=$(slots_of "$name")
    on_ours "$programs/rig_session" -w "$slots" >"$work/out" 2>&1 ||
        status=$?
    plug counts "$number"
    echo "$specification: status $status, $((($(date +%s%N) - began) / 1000000)) ms," \
        "${answer#counts * }"
    plug unplug "$number"
    number=$((number + 1))
    checks=$((checks + 1))
    if [ "$status" -ne 0 ] || grep -Eq 'F_COMM_ERROR|F_INTERNAL|UNAVAILABLE|REMOVED|UNRESPONSIVE' \
        "$work/out" || ! grep -q 'connect mode 2 .*: OK' "$work/out"; then
        echo "== $specification: status $status"
        cat "$work/out"
        failures=$((failures + 1))
    fi
    check "$specification leaves" on_ours "$programs/rig_session" -e >/dev/null
done
echo "session: $checks checks, $failures readers failed"
[ "$failures" -eq 0 ]
