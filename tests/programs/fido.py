# SPDX-License-Identifier: BSD-2-Clause
"""python-fido2, written for NFC readers, with a USB token as a card: registers and signs by
CTAP2, with a PIN too, and by U2F. Its server checks each signature. "plain": without a PIN."""
import sys
import time

from fido2.client import Fido2Client
from fido2.ctap import CtapError
from fido2.ctap1 import ApduError, Ctap1
from fido2.ctap2 import ClientPin, Ctap2
from fido2.pcsc import CtapPcscDevice
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity

PIN = "4711-long"
checks = 0


def check(holds):
    global checks
    checks += 1
    if not holds:
        sys.exit("line %d does not hold" % sys._getframe(1).f_lineno)


def register_and_sign(device, **pin):
    told = []
    client = Fido2Client(device, "https://example.org")
    server = Fido2Server(PublicKeyCredentialRpEntity("example.org", "Example"))
    wanted = "required" if pin else "discouraged"
    options, state = server.register_begin(
        {"id": b"user", "name": "A. User"}, user_verification=wanted)
    made = client.make_credential(options["publicKey"], on_keepalive=told.append, **pin)
    data = server.register_complete(state, made.client_data, made.attestation_object)
    check(2 in told)  # it asked for a touch
    options, state = server.authenticate_begin([data.credential_data], wanted)
    answer = client.get_assertion(options["publicKey"], on_keepalive=told.append,
                                  **pin).get_response(0)
    server.authenticate_complete(
        state, [data.credential_data], answer.credential_id, answer.client_data,
        answer.authenticator_data, answer.signature)
    check(answer.authenticator_data.is_user_verified() == bool(pin))


def until_touched(call):
    for _ in range(100):
        try:
            return call()
        except ApduError as error:
            check(error.code == 0x6985)
            time.sleep(0.05)
    sys.exit("it was never touched")


def u2f(device):
    ctap = Ctap1(device)
    check(ctap.get_version() == "U2F_V2")
    site, challenge = b"s" * 32, b"c" * 32
    made = until_touched(lambda: ctap.register(challenge, site))
    made.verify(site, challenge)
    signed = until_touched(lambda: ctap.authenticate(challenge, site, made.key_handle))
    signed.verify(site, challenge, made.public_key)
    check(signed.counter > 0)


def main():
    devices = list(CtapPcscDevice.list_devices())
    check(len(devices) == 1)
    device = devices[0]
    ctap = Ctap2(device)
    check(ctap.info.versions == ["U2F_V2", "FIDO_2_0"])
    check(ctap.info.aaguid == b"winscard token !")
    for extended in (False, True):
        device.use_ext_apdu = extended
        register_and_sign(device)
        u2f(device)
    if sys.argv[1:] == ["plain"]:
        print("fido2 plain: %d checks" % checks)
        return
    ClientPin(ctap).set_pin(PIN)
    register_and_sign(device, pin=PIN)
    try:
        ctap.reset()
        check(False)
    except CtapError as error:
        check(error.code == CtapError.ERR.NOT_ALLOWED)
    check(Ctap2(device).info.options["clientPin"])  # nothing was forgotten
    print("fido2: %d checks" % checks)


main()
