#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# drivers.sh SOURCE BUILD: winscard-conform on one reader of each driver that needs no device, by
# both libraries, with the reader in the process and in a service. Those of USB: rig-guest-conform.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/../programs/common.sh"
# shellcheck source=tests/conformance/hold.sh
. "$(dirname "$0")/hold.sh"
export XDG_CONFIG_HOME=$work/user
unset WINSCARD_READERS

# each NAME URI: with the reader in the process, and in a service.
each()
{
    WINSCARD_CARRIER=local WINSCARD_READERS=$2 hold_both "$1"
    if [ -x "$build_dir/service/winscardd" ]; then
        hold_in_service "$1" "$2"
    fi
}

each soft: soft:

# A card that is there as soon as somebody listens.
port=$(free_port)
/usr/bin/python3 -c '
import socket, sys, time
def take(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise OSError
        data += more
    return data
while True:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as peer:
            while True:
                command = take(peer, int.from_bytes(take(peer, 2), "big"))
                if len(command) == 1 and command[0] != 4:
                    continue
                answer = b"\x3B\x80\x80\x01\x01" if len(command) == 1 else b"\x90\x00"
                peer.sendall(len(answer).to_bytes(2, "big") + answer)
    except OSError:
        time.sleep(0.005)' "$port" 2>/dev/null &
children+=("$!")
each vpcd: "vpcd:$port?settle=5000"

if [ -x "$build_dir/tests/programs/serial_peer" ]; then
    start_serial_peer "$work/line" 'gempc_twin?card=t1'
    each serial: "serial:$work/line"
    exec 9>&-
fi

# A FIDO token behind a hidapi of our own.
if [ -e "$build_dir/tests/programs/libhidapi-hidraw.so.0" ]; then
    start_fido_token
    export LD_LIBRARY_PATH=$build_dir/tests/programs
    each hid: hid:
    unset LD_LIBRARY_PATH
    exec 9>&-
fi

# Our own readers as an IFD handler, in a process of its own.
handler=$build_dir/winscard-ifd.bundle/Contents/Linux/libwinscard-ifd.so
if [ -e "$handler" ] && [ -x "$build_dir/drivers/winscard-ifd" ]; then
    export WINSCARD_IFD_PROGRAM=$build_dir/drivers/winscard-ifd
    each ifd: "ifd:$handler?device=soft:"
fi
[ "$failed" -eq 0 ] || exit 1
done_with conform
