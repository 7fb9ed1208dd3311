# SPDX-License-Identifier: BSD-2-Clause
"""A simulated FIDO token, which signs with keys of its own: U2F, and CTAP2 with a PIN.

fido_token.py socket PATH    tests/programs/fake_hidapi.c finds it there
fido_token.py uhid           an HID device of the kernel's

On standard input a line "pull" has it gone, "plug" has another in its place, "end" ends it. A
command that needs a touch gets it after half a second, after "slow" after 61, with KEEPALIVE
meanwhile; "waits" on standard output is when that begins.
"""
import datetime
import os
import select
import socket
import struct
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fido2 import cbor
from fido2.cose import ES256

REPORT = 64
BROADCAST = b"\xff\xff\xff\xff"
PING, MSG, INIT, WINK, CBOR, CANCEL, KEEPALIVE, ERROR = (
    0x01, 0x03, 0x06, 0x08, 0x10, 0x11, 0x3B, 0x3F)
TOUCH_S = 0.5
SLOW_TOUCH_S = 61
KEEPALIVE_S = 0.1
AAGUID = b"winscard token !"


def sha256(data):
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()


def authenticate(key, data):
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()[:16]


def cipher(key):
    return Cipher(algorithms.AES(key), modes.CBC(b"\0" * 16))


class Refused(Exception):
    """A status of CTAP2 that is not success."""


class Authenticator:
    """What the token does, apart from how it is asked."""

    def __init__(self):
        self.keys = {}
        self.counter = 0
        self.pin_hash = None
        self.pin_token = os.urandom(16)
        self.agreement = ec.generate_private_key(ec.SECP256R1())
        self.touched_until = 0

    def new_credential(self, site):
        name = os.urandom(32)
        self.keys[name] = (site, ec.generate_private_key(ec.SECP256R1()))
        return name, self.keys[name][1]

    # U2F, raw messages.

    def u2f(self, apdu):
        ins, p1 = apdu[1], apdu[2]
        size = struct.unpack(">H", apdu[5:7])[0] if len(apdu) > 7 else 0
        data = apdu[7:7 + size]
        if ins == 3:
            return b"U2F_V2\x90\x00"
        if ins == 1 and len(data) == 64:
            return self.u2f_register(data[:32], data[32:])
        if ins == 2 and len(data) > 65:
            return self.u2f_sign(p1, data[:32], data[32:64], data[65:])
        return b"\x6d\x00"

    def is_touched(self):
        """The first time no; some time after that, yes."""
        now = time.monotonic()
        if self.touched_until == 0:
            self.touched_until = now + TOUCH_S
        if now < self.touched_until:
            return False
        self.touched_until = 0
        return True

    def u2f_register(self, challenge, site):
        if not self.is_touched():
            return b"\x69\x85"
        name, key = self.new_credential(site)
        point = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "token")])
        begin = datetime.datetime(2020, 1, 1)
        certificate = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
            .public_key(key.public_key()).serial_number(1).not_valid_before(begin)
            .not_valid_after(begin + datetime.timedelta(days=36500))
            .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
        signature = key.sign(b"\0" + site + challenge + name + point,
                             ec.ECDSA(hashes.SHA256()))
        return (b"\x05" + point + bytes([len(name)]) + name + certificate + signature
                + b"\x90\x00")

    def u2f_sign(self, p1, challenge, site, name):
        if name not in self.keys or self.keys[name][0] != site:
            return b"\x6a\x80"
        if p1 == 7 or not self.is_touched():
            return b"\x69\x85"
        self.counter += 1
        answer = b"\x01" + struct.pack(">I", self.counter)
        return (answer + self.keys[name][1].sign(site + answer + challenge,
                                                 ec.ECDSA(hashes.SHA256())) + b"\x90\x00")

    # CTAP2.

    def ctap(self, command, parameters):
        commands = {1: self.make, 2: self.assertion, 4: self.info, 6: self.pin, 7: self.reset}
        if command not in commands:
            raise Refused(0x01)
        return commands[command](parameters)

    def info(self, _):
        return {1: ["U2F_V2", "FIDO_2_0"], 3: AAGUID,
                4: {"rk": False, "up": True, "clientPin": self.pin_hash is not None},
                5: 1200, 6: [1]}

    def reset(self, _):
        self.keys, self.pin_hash = {}, None
        return {}

    def is_verified(self, proof, data):
        if proof is None:
            if self.pin_hash is not None:
                raise Refused(0x36)
            return False
        if proof != authenticate(self.pin_token, data):
            raise Refused(0x33)
        return True

    def authenticator_data(self, site, verified, attested=b""):
        self.counter += 1
        flags = 0x01 | (0x04 if verified else 0) | (0x40 if attested else 0)
        return site + struct.pack(">BI", flags, self.counter) + attested

    def make(self, p):
        verified = self.is_verified(p.get(8), p[1])
        site = sha256(p[2]["id"].encode())
        name, key = self.new_credential(site)
        public = cbor.encode(dict(ES256.from_cryptography_key(key.public_key())))
        data = self.authenticator_data(
            site, verified, AAGUID + struct.pack(">H", len(name)) + name + public)
        signature = key.sign(data + p[1], ec.ECDSA(hashes.SHA256()))
        return {1: "packed", 2: data, 3: {"alg": -7, "sig": signature}}

    def assertion(self, p):
        verified = self.is_verified(p.get(6), p[2])
        site = sha256(p[1].encode())
        for allowed in p.get(3, []):
            found = self.keys.get(allowed["id"])
            if found and found[0] == site:
                data = self.authenticator_data(site, verified)
                signature = found[1].sign(data + p[2], ec.ECDSA(hashes.SHA256()))
                return {1: {"id": allowed["id"], "type": "public-key"}, 2: data, 3: signature}
        raise Refused(0x2E)

    def shared(self, p):
        x, y = (int.from_bytes(p[3][at], "big") for at in (-2, -3))
        peer = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return sha256(self.agreement.exchange(ec.ECDH(), peer))

    def pin(self, p):
        if p[2] == 1:
            return {3: 8}
        if p[2] == 2:
            key = dict(ES256.from_cryptography_key(self.agreement.public_key()))
            key[3] = -25
            return {1: key}
        if p[2] == 3 and self.pin_hash is None:
            shared = self.shared(p)
            if p[4] != authenticate(shared, p[5]):
                raise Refused(0x33)
            opener = cipher(shared).decryptor()
            pin = (opener.update(p[5]) + opener.finalize()).rstrip(b"\0")
            self.pin_hash = sha256(pin)[:16]
            return {}
        if p[2] == 5:
            shared = self.shared(p)
            opener = cipher(shared).decryptor()
            if opener.update(p[6]) + opener.finalize() != self.pin_hash:
                raise Refused(0x31)
            closer = cipher(shared).encryptor()
            return {2: closer.update(self.pin_token) + closer.finalize()}
        raise Refused(0x3E)


class Token:
    """Packets of CTAPHID in and out; `say` takes a report."""

    def __init__(self, say):
        self.say = say
        self.authenticator = Authenticator()
        self.next_channel = 1
        self.message = None  # (channel, command, size, data) that comes
        self.later = []  # (time, what to do) of the channel that is worked for
        self.touch_s = TOUCH_S
        self.works_for = None

    def send(self, channel, command, data):
        first = channel + struct.pack(">BH", command | 0x80, len(data)) + data[:57]
        self.say(first.ljust(REPORT, b"\0"))
        for number, at in enumerate(range(57, len(data), 59)):
            self.say((channel + bytes([number]) + data[at:at + 59]).ljust(REPORT, b"\0"))

    def take(self, report):
        channel, command = report[:4], report[4]
        if not command & 0x80:
            if self.message and self.message[0] == channel:
                self.message[3] += report[5:]
                self.try_message()
            return
        command &= 0x7F
        size = struct.unpack(">H", report[5:7])[0]
        if command == INIT:
            self.init(channel, report[7:15])
        elif command == CANCEL:
            if self.works_for == channel:
                self.forget()
                self.send(channel, CBOR, b"\x2d")
        elif self.message or self.works_for:
            self.send(channel, ERROR, b"\x06")
        else:
            self.message = [channel, command, size, report[7:]]
            self.try_message()

    def forget(self):
        self.later, self.works_for = [], None

    def init(self, channel, nonce):
        given = channel
        if channel == BROADCAST:
            given = struct.pack(">I", self.next_channel)
            self.next_channel += 1
        if self.works_for == channel:
            self.forget()
        if self.message and self.message[0] == channel:
            self.message = None
        self.send(channel, INIT, nonce + given + bytes([2, 1, 0, 0, 5]))

    def try_message(self):
        channel, command, size, data = self.message
        if len(data) < size:
            return
        self.message = None
        data = bytes(data[:size])
        if command in (PING, WINK):
            self.send(channel, command, data)
        elif command == MSG:
            self.send(channel, MSG, self.authenticator.u2f(data))
        elif command == CBOR and size > 0:
            self.ctap(channel, data)
        else:
            self.send(channel, ERROR, b"\x01")

    def ctap(self, channel, data):
        def answer():
            self.forget()
            try:
                parameters = cbor.decode(data[1:]) if len(data) > 1 else None
                answered = self.authenticator.ctap(data[0], parameters)
                self.send(channel, CBOR, b"\0" + (cbor.encode(answered) if answered else b""))
            except Refused as refused:
                self.send(channel, CBOR, bytes([refused.args[0]]))
        if data[0] not in (1, 2, 7):
            answer()
            return
        print("waits", flush=True)
        now = time.monotonic()
        self.works_for = channel
        at = KEEPALIVE_S
        while at < self.touch_s:
            status = b"\1" if at == KEEPALIVE_S else b"\2"
            self.later.append((now + at, lambda s=status: self.send(channel, KEEPALIVE, s)))
            at += KEEPALIVE_S
        self.later.append((now + self.touch_s, answer))

    def run_later(self):
        """Does what is due; seconds until the next is."""
        while self.later and self.later[0][0] <= time.monotonic():
            self.later.pop(0)[1]()
        return max(0, self.later[0][0] - time.monotonic()) if self.later else None


class SocketBus:
    """Each connection is one that has the device open, and gets all reports."""

    def __init__(self, path):
        self.path, self.listener, self.open = path, None, []

    def plug(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen()

    def pull(self):
        for one in [self.listener] + self.open:
            one.close()
        os.unlink(self.path)
        self.listener, self.open = None, []

    def sources(self):
        return [self.listener] + self.open if self.listener else []

    def say(self, report):
        for one in self.open:
            try:
                one.send(report)
            except OSError:
                pass  # it has closed the device, which read() will see

    def read(self, source):
        if source is self.listener:
            self.open.append(source.accept()[0])
            return None
        try:
            report = source.recv(REPORT + 1)
        except OSError:
            report = b""
        if not report:
            source.close()
            self.open.remove(source)
            return None
        return report


class UhidBus:
    """/dev/uhid (linux/uhid.h): events of a number and a union."""

    CREATE2, DESTROY, OUTPUT, INPUT2 = 11, 1, 6, 12
    EVENT_SIZE = 4 + 4376
    DESCRIPTOR = bytes.fromhex(
        "06d0f1 0901 a101 0920 1500 26ff00 7508 9540 8102 0921 1500 26ff00 7508 9540 9102 c0"
        .replace(" ", ""))

    def __init__(self):
        self.device = os.open("/dev/uhid", os.O_RDWR)
        self.plugged = False

    def plug(self):
        text = b"Simulated FIDO Token".ljust(128, b"\0") + b"rig".ljust(64, b"\0")
        event = struct.pack("<I", self.CREATE2) + text + b"4711".ljust(64, b"\0")
        event += struct.pack("<HHIIII", len(self.DESCRIPTOR), 3, 0x1209, 0x0001, 0x0100, 0)
        os.write(self.device, event + self.DESCRIPTOR.ljust(4096, b"\0"))
        self.plugged = True

    def pull(self):
        os.write(self.device, struct.pack("<I", self.DESTROY))
        self.plugged = False

    def sources(self):
        return [self.device]

    def say(self, report):
        if self.plugged:
            os.write(self.device,
                     struct.pack("<IH", self.INPUT2, REPORT) + report.ljust(4096, b"\0"))

    def read(self, _):
        event = os.read(self.device, self.EVENT_SIZE)
        if struct.unpack("<I", event[:4])[0] != self.OUTPUT:
            return None
        size = struct.unpack("<H", event[4 + 4096:4 + 4098])[0]
        return event[4:4 + size][-REPORT:]  # without the report's number


def main():
    bus = UhidBus() if sys.argv[1] == "uhid" else SocketBus(sys.argv[2])
    bus.plug()
    token = Token(bus.say)
    print("ready", flush=True)
    while True:
        wait = token.run_later()
        ready, _, _ = select.select([sys.stdin] + bus.sources(), [], [], wait)
        for source in ready:
            if source is not sys.stdin:
                report = bus.read(source)
                if report:
                    token.take(report)
                continue
            line = sys.stdin.readline().strip()
            if line in ("", "end"):
                return
            if line == "slow":
                token.touch_s = SLOW_TOUCH_S
                break
            if line == "pull":
                token = Token(bus.say)
            getattr(bus, line)()
            break  # what else was ready may be gone


main()
