# SPDX-License-Identifier: BSD-2-Clause
"""lend.py SCARD PART: scard lend with a host of VSCard. PART is "alone" (soft: in the
process), "blinking" (its card comes and goes) or "service" (other programs as well); the
readers are the environment's."""
import os
import socket
import struct
import subprocess
import sys
import time

import lend_host
from lend_host import (APDU, ATR, CARD_REMOVE, ERROR, FLUSH, FLUSH_COMPLETE, GREETING, HANG_S,
                       INIT, NO_READER, READER_ADD, SELECT, VERIFY, Host, Lender, check,
                       wake_ups)

SCARD = sys.argv[1]
OK = bytes.fromhex("9000")
VERIFIED = bytes.fromhex("00200081")  # without a PIN: is one needed?
EJECT, SWALLOW, UNPLUG, MUTE = ("0x00310018", "0x0031001C", "0x00312000", "0x00312008")


def scard(*arguments):
    return subprocess.run([SCARD, *arguments], capture_output=True, text=True,
                          timeout=HANG_S, check=False)


def start(*more):
    """A host, and a client that has its card there."""
    host = Host()
    lender = Lender(SCARD, "1", host.place, *more)
    return host, lender


def start_with_card(*more):
    host, lender = start(*more)
    check("the name", host.take_reader().startswith("WinSCard Software Card"), True)
    host.take_card()
    return host, lender


# --- With the readers in the process -----------------------------------------------------

def session():
    host, lender = start_with_card()
    lender.says(f" lent .*: to {host.place}$")
    check("ATR", host.atr.hex(), "3b9c95803 1fe158031b87 3b421605473 6f667486".replace(" ", ""))
    host.command(SELECT, OK)
    host.command(VERIFIED, bytes.fromhex("63C3"))
    host.command(VERIFY, OK)
    host.command(VERIFIED, OK)
    check("bytes of a file", host.command(bytes.fromhex("00B0820010")),
          bytes(range(16)) + OK)
    # Commands that wait for each other, in their order, and what is said when all are done.
    for number in (1, 2, 3):
        host.say(APDU, bytes.fromhex(f"80E0000{number}0{number}"))
    host.say(FLUSH)
    for number in (1, 2, 3):
        answer = host.expect(APDU)
        check("answers in order", answer, bytes(range(number)) + OK)
    host.expect(FLUSH_COMPLETE, b"")
    # What is no command, and what is for another reader.
    host.command_fails(b"")
    host.command_fails(b"\x00\xA4\x04")
    host.command_fails(SELECT, 9)
    host.command_fails(SELECT, NO_READER)
    host.command(SELECT, OK)
    # A card that answers nothing is taken out and put in again for the host.
    host.command_fails(bytes.fromhex("80E40000"))
    host.expect(CARD_REMOVE, b"")
    host.take_card()
    host.command(SELECT, OK)
    host.command(VERIFIED, bytes.fromhex("63C3"))
    # An error of the host's is said once.
    host.say(ERROR, struct.pack(">I", 3))
    host.say(ERROR, struct.pack(">I", 1))
    host.command(SELECT, OK)
    lender.says(" error .*error 3 of VSCard")
    lender.interrupt()
    host.lose_reader()
    lender.ends(0, " returned .*: interrupted")


def long_answers():
    """Extended length, in both directions."""
    host, lender = start_with_card()
    host.command(SELECT, OK)
    data = bytes(i & 255 for i in range(2000))
    echo = bytes.fromhex("80E10000") + struct.pack(">BH", 0, len(data)) + data + b"\0\0"
    check("an echo", host.command(echo), data + OK)
    whole = struct.pack(">III", APDU, host.reader, len(echo)) + echo
    for byte in (whole[i:i + 1] for i in range(60)):
        host.connection.sendall(byte)
    host.connection.sendall(whole[60:])
    host.expect(APDU, data + OK)
    host.connection.shutdown(socket.SHUT_WR)
    host.lose_reader()
    lender.ends(0, " returned .*the virtual machine closed the connection")


def refused():
    for code, words in ((2, "takes no more readers"), (1, "does not take the reader .*error 1")):
        host, lender = start()
        host.greet()
        check("ReaderAdd", host.hear()[0], READER_ADD)
        host.say(ERROR, struct.pack(">I", code), NO_READER)
        host.hear_end()
        lender.ends(1, words)


def strange():
    """What is not VSCard ends it."""
    header = struct.Struct(">III").pack
    for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n", header(0, 0, 0), header(99, 0, 0),
                 header(INIT, 0, 11) + b"x" * 11, header(INIT, 0, 257) + b"x" * 257,
                 header(INIT, 0, 0xFFFFFFFF), header(INIT, 0, 12) + b"VSCE" + GREETING[4:],
                 header(APDU, 0, 4) + b"\0" * 4, header(FLUSH, 0, 0)):
        host, lender = start()
        host.accept()
        host.hear()
        host.connection.sendall(data)
        lender.ends(3, "does not speak VSCard")
    # Init may have more capabilities than are known, and come in pieces.
    host, lender = start()
    host.accept()
    host.hear()
    whole = header(INIT, 0, 256) + GREETING + b"\xFF" * 244
    for i in range(0, len(whole), 5):
        host.connection.sendall(whole[i:i + 5])
    check("ReaderAdd", host.hear()[0], READER_ADD)
    host.connection.close()
    lender.ends(3, "closed the connection before it had taken the reader")
    # Lent already.
    for data in (header(99, 0, 0), header(APDU, 7, 65545), header(ERROR, 7, 0),
                 header(FLUSH, 7, 1), header(INIT, 7, 12) + GREETING, header(READER_ADD, 7, 0),
                 header(ATR, 7, 0), header(CARD_REMOVE, 7, 0), header(FLUSH_COMPLETE, 7, 0)):
        host, lender = start_with_card()
        host.connection.sendall(data)
        host.lose_reader()
        lender.ends(3, "does not speak VSCard")


def closed():
    for data, code, words in (
            (b"", 0, "closed the connection"),
            (struct.pack(">II", APDU, 7), 3, "in the middle of a message"),
            (struct.pack(">III", APDU, 7, 5) + b"\0\0\0", 3, "in the middle of a message")):
        host, lender = start_with_card()
        host.connection.sendall(data)
        host.connection.close()
        lender.ends(code, words)
    host, lender = start()
    host.accept()
    host.connection.close()
    lender.ends(3, "before it had taken the reader")


def silent():
    """Neither Init nor an answer to ReaderAdd comes: both are waited for at once."""
    first, first_lender = start()
    second, second_lender = start()
    second.greet()
    first_lender.ends(3, "has not answered by VSCard's Init for 10 s")
    second_lender.ends(3, "has not said whether it takes the reader for 10 s")
    first.listener.close()


def nobody():
    host = Host()
    host.listener.close()
    Lender(SCARD, "1", host.place).ends(3, f"nobody listens at {host.place}")
    Lender(SCARD, "1", host.place, "--wait", "--timeout", "0").ends(3, "nobody listens at")
    waiting = Lender(SCARD, "1", host.place, "--wait")
    waiting.says(f" waiting .*: until somebody listens at {host.place}")
    waiting.interrupt()
    waiting.ends(0)
    waiting = Lender(SCARD, "1", host.place, "--wait", "--timeout", "4000000")
    waiting.says(" waiting ")
    host.listener = socket.create_server(("127.0.0.1", host.port))
    host.listener.settimeout(HANG_S)
    host.take_reader()
    host.take_card()
    waiting.interrupt()
    host.lose_reader()
    waiting.ends(0, " lent ")


def mistakes():
    host = Host()
    Lender(SCARD, "Nothing", host.place).ends(3, "no reader named Nothing")
    Lender(SCARD, "2", host.place).ends(3, "no reader number 2")
    for words in ((), ("1",), ("1", "2001"), ("1", "127.0.0.1:0"), ("1", "127.0.0.1:65536"),
                  ("1", "somewhere:2001"), ("1", "127.0.0.1:"), ("1", host.place, "more"),
                  ("1", host.place, "--timeout", "1"),
                  ("1", host.place, "--wait", "--timeout", "x")):
        Lender(SCARD, *words).ends(2)
    host.listener.setblocking(False)
    try:
        host.listener.accept()
        sys.exit("a connection was made for a mistake")
    except BlockingIOError:
        pass


def quiet():
    """Nothing happens, so nobody wakes up. A busy machine may need more than one look."""
    if "LEND_WAKES_UP" in os.environ:
        print("not looked for: wake-ups, as this build has a sanitizer's thread that has some")
        return
    host, lender = start_with_card()
    lender.says(" card-inserted ")
    before, now = None, wake_ups(lender.process)
    while before != now:
        time.sleep(0.3)
        before, now = now, wake_ups(lender.process)
    host.command(SELECT, OK)
    lender.interrupt()
    host.lose_reader()
    lender.ends(0)


def blinking():
    host, lender = start()
    host.take_reader()
    kind, _, _ = host.hear()
    check("first a card", kind, ATR)
    kinds = [host.hear()[0] for _ in range(8)]
    check("taken out, put in", kinds, [CARD_REMOVE, ATR] * 4)
    lender.interrupt()
    while host.hear()[0] != lend_host.READER_REMOVE:
        pass
    host.hear_end()
    lender.ends(0, " card-removed ")


# --- With a service ----------------------------------------------------------------------

def forgotten():
    """A PIN that the host gave is not there for the next program, nor the other way round."""
    for leave in ("interrupt", "close"):
        out = scard("apdu", "1", SELECT.hex(), VERIFY.hex(), VERIFIED.hex()).stdout
        check(out, out.count("< 90 00"), 3)
        host, lender = start_with_card()
        host.command(SELECT, OK)
        host.command(VERIFIED, bytes.fromhex("63C3"))
        host.command(VERIFY, OK)
        status = scard("status", "1")
        check(f"others are kept away: {status}", "SCARD_E_SHARING_VIOLATION" in status.stderr,
              True)
        if leave == "interrupt":
            lender.interrupt()
            host.lose_reader()
        else:
            host.connection.close()
        lender.ends(0)
        out = scard("apdu", "--continue", "1", SELECT.hex(), VERIFIED.hex()).stdout
        check(f"forgotten: {out}", "< 63 C3" in out, True)


def busy():
    """Another program has the card: the host gets it when that ends."""
    for mode in (("--exclusive",), ()):
        other = subprocess.Popen([SCARD, "apdu", *mode, "1"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        other.stdin.write(SELECT.hex() + "\n")
        other.stdin.flush()
        while not other.stdout.readline().startswith("<"):
            pass
        host, lender = start()
        host.take_reader()
        lender.says(r" card-busy .*waiting until no other program .* held by scard \(process "
                    f"{other.pid},")
        host.command_fails(SELECT)
        other.communicate()
        host.take_card()
        host.command(SELECT, OK)
        lender.interrupt()
        host.lose_reader()
        lender.ends(0)


def moved():
    """A card that does not answer; it, and the reader, are taken away and put back."""
    scard("control", "1", MUTE)
    host, lender = start()
    host.take_reader()
    lender.says(" card-mute .*does not answer")
    scard("control", "1", EJECT)
    scard("control", "1", SWALLOW)
    host.take_card()
    lender.says(" card-inserted .*: ATR 3B 9C ")
    host.command(SELECT, OK)
    lender.interrupt()
    host.lose_reader()
    lender.ends(0)
    scard("control", "1", EJECT)
    host, lender = start()
    host.take_reader()
    lender.says(" lent ")
    host.command_fails(SELECT)
    away_ms = 50
    while not lender.has_said(" reader-removed ", 2 * away_ms / 1000):
        away_ms *= 2  # it was back before anybody had looked
        scard("control", "1", UNPLUG, struct.pack("<I", away_ms).hex())
    lender.says(" reader-added ")
    scard("control", "1", SWALLOW)
    host.take_card()
    host.command(SELECT, OK)
    lender.interrupt()
    host.lose_reader()
    lender.ends(0)


def as_json():
    host, lender = start_with_card("--json")
    lender.says('"event":"card-inserted".*"atr":"3B9C')
    lender.interrupt()
    host.lose_reader()
    lender.ends(0, '"event":"returned"')
    with open(os.environ["LEND_JSON"], "w", encoding="utf-8") as file:
        file.write(lender.said)


def stopped(service):
    """The service ends."""
    host, lender = start_with_card()
    os.kill(int(service), 15)
    kinds = [host.hear()[0]]
    if kinds == [CARD_REMOVE]:
        kinds.append(host.hear()[0])
    check("the reader is taken back", kinds[-1], lend_host.READER_REMOVE)
    host.hear_end()
    lender.ends(3, "SCARD_E_(SERVICE_STOPPED|NO_SERVICE)")


PARTS = {
    "alone": (session, refused, strange, closed, nobody, mistakes, quiet, as_json),
    "extended": (long_answers,),
    "silent": (silent,),
    "blinking": (blinking,),
    "service": (forgotten, busy, moved),
}
for part in PARTS.get(sys.argv[2], ()):
    part()
if sys.argv[2] == "stopped":
    stopped(sys.argv[3])
print(f"lend, {sys.argv[2]}: {lend_host.checks} checks")
