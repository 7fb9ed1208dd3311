# SPDX-License-Identifier: BSD-2-Clause
"""The host's side of VSCard, as a virtual machine has it, and scard lend as its client."""
import atexit
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading

HANG_S = 600  # nothing takes so long but what hangs
INIT, ERROR, READER_ADD, READER_REMOVE, ATR, CARD_REMOVE, APDU, FLUSH, FLUSH_COMPLETE = (
    range(1, 10))
NO_READER = 0xFFFFFFFF
GREETING = b"VSCD" + struct.pack(">II", 2, 0)
SELECT = bytes.fromhex("00A4040C05F0534F4654")
VERIFY = bytes.fromhex("0020008106313233343536")
checks = 0


def check(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        sys.exit(f"{what}: expected {expected!r}, found {found!r}")


class Lender:
    """A run of scard lend, and what it says, line by line."""

    def __init__(self, scard, *arguments):
        self.process = subprocess.Popen([scard, "lend", *arguments], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.watchdog = threading.Timer(HANG_S, self.process.kill)
        self.watchdog.daemon = True
        self.watchdog.start()
        atexit.register(self.process.kill)
        self.said = ""
        self.at = 0  # what was found ends here
        self.more = threading.Condition()
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            with self.more:
                self.said += line
                self.more.notify()

    def find(self, pattern):
        found = re.compile(pattern, re.MULTILINE).search(self.said, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    def has_said(self, pattern, within_s):
        """Whether a line that matches comes within that time, after what was found last."""
        with self.more:
            return self.more.wait_for(lambda: self.find(pattern), within_s)

    def says(self, pattern):
        """Waits for a line that matches."""
        check(f"{pattern} in {self.said}", self.has_said(pattern, HANG_S), True)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def ends(self, code, pattern=""):
        """Waits for the end; it says this somewhere, and never a PIN."""
        self.process.wait()
        self.reader.join()
        self.watchdog.cancel()
        said = self.said + self.process.stderr.read()
        check(f"exit code of {self.process.args}, which says {said}",
              self.process.returncode, code)
        check(f"{pattern} in {said}", re.search(pattern, said) is not None, True)
        check(f"a PIN in {said}", "31323334" in said.replace(" ", "") or "123456" in said,
              False)


class Host:
    """Listens, and has one connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(HANG_S)
        self.port = self.listener.getsockname()[1]
        self.place = f"127.0.0.1:{self.port}"
        self.reader = 7

    def accept(self):
        self.connection = self.listener.accept()[0]
        self.connection.settimeout(HANG_S)

    def read(self, size):
        data = b""
        while len(data) < size:
            got = self.connection.recv(size - len(data))
            if not got:
                sys.exit(f"the client closed the connection after {data.hex()}")
            data += got
        return data

    def hear(self):
        kind, reader, length = struct.unpack(">III", self.read(12))
        return kind, reader, self.read(length)

    def hear_end(self):
        check("the end", self.connection.recv(1), b"")
        self.connection.close()

    def say(self, kind, data=b"", reader=None):
        reader = self.reader if reader is None else reader
        self.connection.sendall(struct.pack(">III", kind, reader, len(data)) + data)

    def expect(self, kind, data=None):
        """The next message is of this kind; what its data are."""
        found = self.hear()
        check("a message's kind and reader", found[:2], (kind, self.reader))
        if data is not None:
            check(f"data of message {kind}", found[2].hex(), data.hex())
        return found[2]

    def greet(self):
        self.accept()
        check("Init", self.hear(), (INIT, NO_READER, GREETING))
        self.say(INIT, GREETING, NO_READER)

    def take_reader(self):
        """Up to the reader, whose name this is."""
        self.greet()
        kind, reader, name = self.hear()
        check("ReaderAdd", (kind, reader), (READER_ADD, NO_READER))
        self.say(ERROR, struct.pack(">I", 0))
        return name.decode()

    def take_card(self):
        self.atr = self.expect(ATR)
        self.say(ERROR, struct.pack(">I", 0))

    def command(self, command, answer=None):
        self.say(APDU, command)
        return self.expect(APDU, answer)

    def command_fails(self, command, reader=None):
        self.say(APDU, command, reader)
        kind, found, data = self.hear()
        check("an error instead of an answer", (kind, found, data),
              (ERROR, self.reader if reader is None else reader, struct.pack(">I", 1)))

    def lose_reader(self):
        self.expect(READER_REMOVE, b"")
        self.hear_end()


def wake_ups(process):
    """How often its threads, by their numbers, have given the processor back by themselves."""
    times = {}
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        try:
            with open(f"/proc/{process.pid}/task/{thread}/status", encoding="ascii") as file:
                times[thread] = re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", file.read())[1]
        except OSError:
            pass  # it has ended
    return times
