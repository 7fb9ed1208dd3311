# SPDX-License-Identifier: BSD-2-Clause
"""python3-pyscard on our library: list, connect, transmit, reconnect, attributes, monitor."""
import sys
import threading

from smartcard.CardMonitoring import CardMonitor, CardObserver
from smartcard.scard import (
    SCARD_ATTR_ATR_STRING, SCARD_LEAVE_CARD, SCARD_PCI_T0, SCARD_PROTOCOL_T0,
    SCARD_PROTOCOL_T1, SCARD_RESET_CARD, SCARD_S_SUCCESS, SCARD_SCOPE_USER,
    SCARD_SHARE_DIRECT, SCARD_SHARE_SHARED, SCardBeginTransaction, SCardConnect,
    SCardControl, SCardDisconnect,
    SCardEndTransaction, SCardEstablishContext, SCardGetAttrib, SCardGetErrorMessage,
    SCardReconnect, SCardReleaseContext, SCardStatus, SCardTransmit)
from smartcard.System import readers
from smartcard.util import toHexString

EJECT, SWALLOW = 0x00310018, 0x0031001C  # winsmcrd.h
HANG = 600  # seconds
checks = 0


def check(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit("%s: %r, want %r" % (what, got, want))


name, atr = sys.argv[1], sys.argv[2]

# The object layer.
check("readers", [str(r) for r in readers()], [name])
connection = readers()[0].createConnection()
connection.connect()
check("ATR", toHexString(connection.getATR()), atr)
data, sw1, sw2 = connection.transmit([0x00, 0xA4, 0x04, 0x0C, 0x05, 0xF0, 0x53, 0x4F, 0x46, 0x54])
check("SELECT", (sw1, sw2), (0x90, 0x00))
data, sw1, sw2 = connection.transmit([0x00, 0xB0, 0x81, 0x00, 0x04])
check("READ BINARY", bytes(data), b"This")
connection.disconnect()

# The functions themselves.
result, context = SCardEstablishContext(SCARD_SCOPE_USER)
check("establish", result, SCARD_S_SUCCESS)
result, card, active = SCardConnect(context, name, SCARD_SHARE_SHARED,
                                    SCARD_PROTOCOL_T0)
check("connect", (result, active), (SCARD_S_SUCCESS, SCARD_PROTOCOL_T0))
result, reader, state, protocol, got = SCardStatus(card)
check("status", (result, reader, toHexString(got)), (SCARD_S_SUCCESS, name, atr))
result, value = SCardGetAttrib(card, SCARD_ATTR_ATR_STRING)
check("attribute", (result, toHexString(value)), (SCARD_S_SUCCESS, atr))
check("begin", SCardBeginTransaction(card), SCARD_S_SUCCESS)
result, answer = SCardTransmit(card, SCARD_PCI_T0, [0x00, 0x84, 0x00, 0x00, 0x08])
check("challenge", (result, len(answer)), (SCARD_S_SUCCESS, 10))
check("end", SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS)
result, active = SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, SCARD_RESET_CARD)
check("reconnect", (result, active), (SCARD_S_SUCCESS, SCARD_PROTOCOL_T1))
result, _, _ = SCardConnect(context, "no such reader", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0)
check("unknown reader", SCardGetErrorMessage(result), "Unknown reader specified.")
check("disconnect", SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS)


class Observer(CardObserver):
    def __init__(self):
        super().__init__()
        self.inserted = threading.Event()
        self.removed = threading.Event()

    def update(self, observable, actions):
        added, gone = actions
        if added:
            self.inserted.set()
        if gone:
            self.removed.set()


monitor, observer = CardMonitor(), Observer()
monitor.addObserver(observer)
check("monitor sees the card", observer.inserted.wait(HANG), True)
observer.inserted.clear()
result, reader, _ = SCardConnect(context, name, SCARD_SHARE_DIRECT, 0)
check("connect to the reader", result, SCARD_S_SUCCESS)
check("take the card out", SCardControl(reader, EJECT, [])[0], SCARD_S_SUCCESS)
check("monitor sees the card go", observer.removed.wait(HANG), True)
check("put the card in", SCardControl(reader, SWALLOW, [])[0], SCARD_S_SUCCESS)
check("monitor sees it come", observer.inserted.wait(HANG), True)
monitor.deleteObserver(observer)
check("disconnect from the reader", SCardDisconnect(reader, SCARD_LEAVE_CARD), SCARD_S_SUCCESS)
check("release", SCardReleaseContext(context), SCARD_S_SUCCESS)
print("pyscard: %d checks" % checks)
