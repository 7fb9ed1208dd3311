# SPDX-License-Identifier: BSD-2-Clause
"""One of our libraries on a running pcscd: pcscd.py FACE LIBRARY. FACE is pcsclite
or windows. The card is vicc's; the scripts that start and stop pcscd and vicc are in
pcscd.sh, which this one asks by lines on its standard output, and which answers on its
input."""
import ctypes
import os
import sys
import threading
import time

face, path = sys.argv[1:3]
windows = face == "windows"
lib = ctypes.CDLL(path)
DWORD = ctypes.c_uint32 if windows else ctypes.c_ulong
LONG = ctypes.c_int32 if windows else ctypes.c_long
HANDLE = ctypes.c_size_t if windows else ctypes.c_long
SUFFIX = "A" if windows else ""
FOREVER = 0xFFFFFFFF
READER = b"Virtual PCD 0" if windows else b"Virtual PCD 00 00"
EMPTY, PRESENT = 0x10, 0x20
CANCELLED, NO_SERVICE, STOPPED = 0x80100002, 0x8010001D, 0x8010001E
INVALID = 6 if windows else 0x80100003  # ERROR_INVALID_HANDLE
REMOVED, TIMEOUT = 0x80100069, 0x8010000A
checks = 0


class State(ctypes.Structure):
    _fields_ = [("reader", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", DWORD),
                ("event", DWORD), ("atr_size", DWORD),
                ("atr", ctypes.c_ubyte * (36 if windows else 33))]


class Pci(ctypes.Structure):
    _fields_ = [("protocol", DWORD), ("size", DWORD)]


def call(name, *arguments):
    function = getattr(lib, name)
    function.restype = LONG
    return function(*arguments) & 0xFFFFFFFF


def check(what, got, want):
    global checks
    checks += 1
    if got != want:
        print("FAILED %s, %s: %s, want %s" % (face, what, got, want), flush=True)
        os._exit(1)


def ask(what):
    """The shell does it."""
    print(what, flush=True)
    check(what, sys.stdin.readline().strip(), "done")


def establish():
    context = HANDLE()
    rv = call("SCardEstablishContext", DWORD(2), None, None, ctypes.byref(context))
    return rv, context


def connect(context, share=2):
    card, active = HANDLE(), DWORD()
    rv = call("SCardConnect" + SUFFIX, context, READER, DWORD(share), DWORD(3),
              ctypes.byref(card), ctypes.byref(active))
    return rv, card


def transmit(card):
    out, size = (ctypes.c_ubyte * 258)(), DWORD(258)
    rv = call("SCardTransmit", card, ctypes.byref(Pci(2, ctypes.sizeof(Pci))),
              bytes.fromhex("00A4000C023F00"), DWORD(7), None, out, ctypes.byref(size))
    return rv, bytes(out[:size.value]).hex()


def watch(context, current, timeout=FOREVER):
    state = State(READER, None, current)
    rv = call("SCardGetStatusChange" + SUFFIX, context, DWORD(timeout),
              ctypes.byref(state), DWORD(1))
    return rv, state


def readers(context):
    size = DWORD(1000)
    names = ctypes.create_string_buffer(1000)
    rv = call("SCardListReaders" + SUFFIX, context, None, names, ctypes.byref(size))
    return rv, names.raw[:size.value].split(b"\0")[:-2]


def first():
    rv, context = establish()
    check("establish", rv, 0)
    rv, names = readers(context)
    check("list", rv, 0)
    check("names", names[0], READER)
    check("all names", len(names), 2)
    rv, state = watch(context, 0, 0)
    check("status change", rv, 0)
    if not state.event & PRESENT:
        rv, state = watch(context, state.event, 600000)
        check("a card comes", rv, 0)
    check("card present", state.event & 0x3F, PRESENT | 2)
    check("ATR", bytes(state.atr[:state.atr_size]).hex(), "3b951381018073ff01000b")
    check("no change", watch(context, state.event & ~2, 50)[0], TIMEOUT)
    return context


def contend(context, card):
    """Another process holds the card's transaction for a while."""
    held, let = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        if call("SCardIsValidContext", context) == INVALID:
            rv, own = establish()
            rv, mine = connect(own)
            if rv == 0 and call("SCardBeginTransaction", mine) == 0:
                os.write(held[1], b"x")
                os.read(let[0], 1)
                time.sleep(0.3)
                code = transmit(mine) != (0, "9000") or call(
                    "SCardEndTransaction", mine, DWORD(0)) != 0
        os._exit(int(code))
    os.read(held[0], 1)
    start = time.monotonic()
    os.write(let[1], b"x")
    check("begin", call("SCardBeginTransaction", card), 0)
    check("begin waited", time.monotonic() - start > 0.25, True)
    check("the other process", os.waitpid(child, 0)[1], 0)
    check("transmit", transmit(card), (0, "9000"))
    check("end", call("SCardEndTransaction", card, DWORD(0)), 0)


def wait_in_thread(context, current):
    result = []
    thread = threading.Thread(target=lambda: result.append(watch(context, current)))
    thread.start()
    time.sleep(0.2)
    return thread, result


def cancel(context, card):
    thread, result = wait_in_thread(context, watch(context, 0, 0)[1].event & ~2)
    check("transmit during a wait", transmit(card), (0, "9000"))
    check("cancel", call("SCardCancel", context), 0)
    thread.join(1)
    while thread.is_alive():  # it may not have waited yet
        call("SCardCancel", context)
        thread.join(1)
    check("cancelled", result[0][0], CANCELLED)


def removal(context, card):
    thread, result = wait_in_thread(context, watch(context, 0, 0)[1].event & ~2)
    ask("remove")
    thread.join()
    check("removal", result[0][0], 0)
    check("empty", result[0][1].event & 0x3F, EMPTY | 2)
    check("transmit after removal", transmit(card)[0], REMOVED)
    check("disconnect", call("SCardDisconnect", card, DWORD(0)), 0)
    ask("insert")
    rv, state = watch(context, result[0][1].event & ~2, 600000)
    while rv == 0 and not state.event & PRESENT:  # first that the handle is gone
        rv, state = watch(context, state.event & ~2, 600000)
    check("insertion", rv, 0)


def death(context):
    rv, card = connect(context)
    check("connect", rv, 0)
    thread, result = wait_in_thread(context, watch(context, 0, 0)[1].event & ~2)
    ask("kill")
    thread.join()
    check("a wait when pcscd dies", result[0][0], STOPPED)
    check("transmit", transmit(card)[0], STOPPED)
    check("transmit once more", transmit(card)[0], INVALID)
    check("list", readers(context)[0], INVALID)
    check("establish without pcscd", establish()[0], NO_SERVICE)
    check("release", call("SCardReleaseContext", context), 0)
    ask("start")
    context = first()
    rv, card = connect(context)
    check("connect again", rv, 0)
    check("transmit again", transmit(card), (0, "9000"))
    check("release with a card", call("SCardReleaseContext", context), 0)


def main():
    context = first()
    rv, card = connect(context)
    check("connect", rv, 0)
    check("transmit", transmit(card), (0, "9000"))
    contend(context, card)
    cancel(context, card)
    check("exclusive beside another", connect(context, 1)[0], 0x8010000B)
    removal(context, card)
    death(context)
    print("checked %d" % checks, flush=True)


main()
