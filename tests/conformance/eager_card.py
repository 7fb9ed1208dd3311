# SPDX-License-Identifier: BSD-2-Clause
# eager_card.py vpcd|vscard PORT: a card of that protocol, which is there as soon as somebody
# listens.
import socket
import struct
import sys
import time

ATR = b"\x3B\x80\x80\x01\x01"
ANSWER = b"\x90\x00"
INIT, READER_ADD, SET_ATR, APDU, FLUSH, FLUSH_COMPLETE = 1, 3, 5, 7, 8, 9
NO_READER = 0xFFFFFFFF


def take(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise OSError
        data += more
    return data


def serve_vpcd(peer):
    while True:
        command = take(peer, int.from_bytes(take(peer, 2), "big"))
        if len(command) == 1 and command[0] != 4:
            continue
        answer = ATR if len(command) == 1 else ANSWER
        peer.sendall(len(answer).to_bytes(2, "big") + answer)


def say(peer, kind, reader, data=b""):
    peer.sendall(struct.pack(">III", kind, reader, len(data)) + data)


def hear(peer):
    kind, reader, size = struct.unpack(">III", take(peer, 12))
    return kind, reader, take(peer, size)


def serve_vscard(peer):
    say(peer, INIT, NO_READER, b"VSCD" + struct.pack(">II", 2, 0))
    hear(peer)
    say(peer, READER_ADD, NO_READER, b"Eager")
    reader = hear(peer)[1]
    say(peer, SET_ATR, reader, ATR)
    while True:
        kind = hear(peer)[0]
        if kind == APDU:
            say(peer, APDU, reader, ANSWER)
        if kind == FLUSH:
            say(peer, FLUSH_COMPLETE, reader)


serve = {"vpcd": serve_vpcd, "vscard": serve_vscard}[sys.argv[1]]
while True:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as peer:
            serve(peer)
    except OSError:
        time.sleep(0.005)
