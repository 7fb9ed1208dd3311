# SPDX-License-Identifier: BSD-2-Clause
# eager_vicc.py PORT: a card of vpcd's protocol that is there as soon as somebody listens.
import socket
import sys
import time


def take(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise OSError
        data += more
    return data


def serve(peer):
    while True:
        command = take(peer, int.from_bytes(take(peer, 2), "big"))
        if len(command) == 1 and command[0] != 4:
            continue
        answer = b"\x3B\x80\x80\x01\x01" if len(command) == 1 else b"\x90\x00"
        peer.sendall(len(answer).to_bytes(2, "big") + answer)


while True:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as peer:
            serve(peer)
    except OSError:
        time.sleep(0.005)
