#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# drivers.sh SOURCE BUILD DRIVER: winscard-conform on one reader of a driver that needs no device,
# by both libraries, with the reader in the process and in a service. Those of USB:
# rig-guest-conform.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/../programs/common.sh"
# shellcheck source=tests/conformance/hold.sh
. "$(dirname "$0")/hold.sh"
export XDG_CONFIG_HOME=$work/user
unset WINSCARD_READERS

# hold_everywhere URI: with the reader in the process, and in a service.
hold_everywhere()
{
    WINSCARD_CARRIER=local WINSCARD_READERS=$1 hold_both "$driver:"
    if [ -x "$build_dir/service/winscardd" ]; then
        hold_in_service "$driver:" "$1"
    fi
}

driver=$3
case $driver in
soft)
    hold_everywhere soft:
    ;;
vpcd | vscard)
    port=$(free_port)
    /usr/bin/python3 "$source_dir/tests/conformance/eager_card.py" "$driver" "$port" &
    children+=("$!")
    hold_everywhere "$driver:$port?settle=5000"
    ;;
serial)
    start_serial_peer "$work/line" 'gempc_twin?card=t1'
    hold_everywhere "serial:$work/line"
    ;;
phoenix)
    # The modem's lines, which the peer's pseudoterminal has not, are fake_modem.c's.
    export FAKE_MODEM=$work/modem
    start_moved phoenix "$build_dir/tests/programs/phoenix_peer" "$work/line" "$FAKE_MODEM"
    export LD_PRELOAD=$build_dir/tests/programs/libfake_modem.so
    hold_everywhere "phoenix:$work/line"
    unset LD_PRELOAD
    ;;
hid)
    # A FIDO token behind a hidapi of our own.
    start_fido_token
    export LD_LIBRARY_PATH=$build_dir/tests/programs
    hold_everywhere hid:
    ;;
ifd)
    # Our own readers as an IFD handler, in a process of its own.
    export WINSCARD_IFD_PROGRAM=$build_dir/drivers/winscard-ifd
    handler=$build_dir/winscard-ifd.bundle/Contents/Linux/libwinscard-ifd.so
    hold_everywhere "ifd:$handler?device=soft:"
    ;;
*)
    echo "no driver is called $driver here" >&2
    exit 1
    ;;
esac
[ "$failed" -eq 0 ] || exit 1
done_with "conform-$driver"
