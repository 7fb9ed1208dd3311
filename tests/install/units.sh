#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# units.sh SOURCE BUILD: systemd's units, sysusers and udev's rules. What each says is looked
# at by the tool that will read it, as far as one can be had without a running systemd.
set -euo pipefail
source_dir=$1 build_dir=$2
packaging=$source_dir/packaging
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failed=0 checks=0

# expect WHAT COMMAND...: the command succeeds.
expect()
{
    local what=$1
    shift
    checks=$((checks + 1))
    if ! "$@" >"$place/said" 2>&1; then
        echo "$what:"
        cat "$place/said"
        failed=$((failed + 1))
    fi
}

# --- Units ---
mkdir "$place/system" "$place/user"
# The program is not where it will be installed.
for kind in system user; do
    suffix=""
    [ $kind = system ] || suffix=-user
    cp "$packaging/systemd/winscardd$suffix.socket" "$place/$kind/winscardd.socket"
    [ $kind = user ] || cp "$packaging/systemd/winscardd-pcscd.socket" "$place/system"
    sed "s#^ExecStart=[^ ]*#ExecStart=$build_dir/service/winscardd#" \
        "$build_dir/winscardd$suffix.service" >"$place/$kind/winscardd.service"
    sed -i '/^Documentation=/d' "$place/$kind"/*
done
verify()
{
    local said
    said=$(SYSTEMD_UNIT_PATH="$place/$1:" systemd-analyze verify --recursive-errors=no \
        "$place/$1/winscardd.service" "$place/$1"/*.socket 2>&1) || true
    echo "$said"
    [ -z "$said" ]
}
expect "system units" verify system
expect "user units" verify user
# 0 is a closed box, 10 an open one; the threshold is ten times that.
expect "sandbox of the service, at most 2.0" systemd-analyze security --offline=true \
    --threshold=20 "$place/system/winscardd.service"
cp "$place/said" "$place/score"

# --- Socket activation: a socket of systemd's, the first client starts the service ---
if grep -q '^#define WITH_SOFT\|WITH_SOFT:BOOL=ON' "$build_dir/CMakeCache.txt"; then
    mkdir -m 700 "$place/run"
    NOTIFY_SOCKET="" systemd-socket-activate -l "$place/run/s" -E WINSCARD_READERS=soft: \
        "$build_dir/service/winscardd" --foreground --exit-idle 1 >"$place/activation" 2>&1 &
    activator=$!
    for _ in $(seq 200); do
        [ -S "$place/run/s" ] && break
        sleep 0.1
    done
    expect "socket activation" env WINSCARD_CARRIER=service \
        WINSCARD_SERVICE="unix:$place/run/s" timeout 600 "$build_dir/src/cli/scard" list
    cp "$place/said" "$place/listed"
    expect "the reader of the service" grep -q "WinSCard Software Card" "$place/listed"
    # It ends a second after its last client.
    for _ in $(seq 200); do
        kill -0 $activator 2>/dev/null || break
        sleep 0.1
    done
    expect "an end when idle" bash -c "! kill -0 $activator 2>/dev/null"
    kill $activator 2>/dev/null || true
fi

# --- The user ---
mkdir -p "$place/tree/etc"
: >"$place/tree/etc/passwd"
: >"$place/tree/etc/group"
expect "sysusers" systemd-sysusers --root="$place/tree" "$packaging/sysusers/winscard.conf"
expect "a user without a shell" grep -q '^winscard:.*nologin$' "$place/tree/etc/passwd"
expect "a group" grep -q '^winscard:' "$place/tree/etc/group"

# --- udev: each vendor-class reader of the table is there, and nothing else ---
rules=$packaging/udev/60-winscard.rules
sed -n 's/^VENDOR_CLASS(0x\(....\), *0x\(....\),.*/\1:\2/p' \
    "$source_dir/drivers/ccid/vendor_class.def" | tr A-F a-f | sort >"$place/wanted"
sed -n 's/^ATTR{idVendor}=="\(....\)", ATTR{idProduct}=="\([^"]*\)".*/\1 \2/p' "$rules" |
    while read -r vendor products; do
        tr '|' '\n' <<<"$products" | sed "s/^/$vendor:/"
    done | sort >"$place/there"
expect "readers of vendor_class.def" test -s "$place/wanted"
expect "rules against vendor_class.def" diff "$place/wanted" "$place/there"

echo "units: $checks checks, $failed failed; $(grep -o 'Overall.*' "$place/score" || true)"
[ $failed -eq 0 ]
