#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# python-fido2, by PC/SC, and scard with a simulated FIDO token, which is behind a hidapi of our
# own in the system's place.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
if ! /usr/bin/python3 -c 'import fido2, smartcard' 2>/dev/null; then
    echo "fido2 or smartcard is missing: Debian packages python3-fido2, python3-pyscard" >&2
    exit 1
fi
here=$source_dir/tests/programs
scard=$build_dir/src/cli/scard
start_fido_token

pull()
{
    echo pull >&9
    until [ ! -e "$FAKE_HID" ]; do
        sleep 0.02
    done
}

plug()
{
    echo plug >&9
    until [ -S "$FAKE_HID" ]; do
        sleep 0.02
    done
}

# The fake one is found where the loader is told to look; libpcsclite's folder comes before.
on_token()
{
    LD_LIBRARY_PATH=$build_dir/tests/programs in_mode env \
        LD_LIBRARY_PATH="$(dirname "$library"):$build_dir/tests/programs" \
        timeout "$hang" "$@"
}

export WINSCARD_READERS=hid:
atr="3B 84 81 31 FE 45 46 49 44 4F 8B"
select=00A4040008A0000006472F000100
out=$(on_token "$scard" status)
expect "the reader" "$out" "^Simulated FIDO Token 0"
expect "its ATR" "$out" "$atr"
out=$(on_token "$scard" apdu 1 $select 80100000010400)
expect "SELECT" "$out" "^< 55 32 46 5F 56 32"
expect "getInfo" "$out" "^< 00 A5 01 82 66 55 32 46 5F 56 32"
expect "python-fido2" "$(on_token /usr/bin/python3 "$here/fido.py")" "^fido2: [0-9]+ checks"

# Several programs at once, each with a channel of its own and touches to wait for. In a service
# they would have one card together, and python-fido2 knows no transactions.
if [ -z "${IN_SERVICE:-}" ]; then
    pull
    plug
    out=$(on_token bash -c "
        for one in 1 2; do
            /usr/bin/python3 '$here/fido.py' plain &
        done
        for one in \$(seq 5); do
            '$scard' apdu 1 $select 80100000010400 | grep '^< 00 A5'
        done
        wait -n && wait -n")
    [ "$(grep -c "^fido2 plain: [0-9]* checks" <<<"$out")" -eq 2 ]
    [ "$(grep -c "^< 00 A5" <<<"$out")" -eq 5 ]
    checks=$((checks + 2))
fi

# Pulled: no reader; back again: one.
pull
expect "pulled out" "$(on_token "$scard" list 2>&1 || true)" "No reader is connected"
plug
expect "back again" "$(on_token "$scard" list)" "Simulated FIDO Token"

# Without hidapi, and with something else in its place.
if [ -z "${IN_SERVICE:-}" ]; then
    mkdir "$work/none" "$work/other"
    : >"$work/none/libhidapi-hidraw.so.0"
    libraries=$(ldconfig -p)
    ln -s "$(awk '/libm\.so\.6 / && !found++ { print $NF }' <<<"$libraries")" \
        "$work/other/libhidapi-hidraw.so.0"
    out=$(LD_LIBRARY_PATH=$work/none WINSCARD_LOG=error "$scard" list 2>&1 || true)
    expect "no hidapi" "$out" "libhidapi-hidraw.so.0 cannot be loaded"
    out=$(LD_LIBRARY_PATH=$work/other WINSCARD_LOG=error "$scard" list 2>&1 || true)
    expect "another library" "$out" "libhidapi-hidraw.so.0 is not one that can be used"
fi
done_with fido
