#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Programs on the vpcd reader, with vsmartcard's vicc as the card.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcsc_scan pcsc-tools
need opensc-tool opensc
need java default-jdk-headless
port=$(free_port)
export WINSCARD_READERS=vpcd:$port
start_vicc "$port" iso7816

# vicc looks for the port now and then: in a process of its own the first look waits for it.
if [ -z "${IN_SERVICE:-}" ]; then
    # Each of its looks is a new Python here, which takes its time on a busy machine.
    out=$(WINSCARD_READERS="vpcd:$port?settle=5000" on_ours opensc-tool --list-readers 2>&1 || true)
    expect "opensc-tool, the first look" "$out" "^0 +Yes +Virtual PCD"
fi
# Without that it comes while programs wait.
export WINSCARD_READERS="vpcd:$port?settle=0"
# It may also be there when the program looks first.
seen="(card-inserted|present) .*ATR 3B 95 13 81 01 80 73 FF 01 00 0B"
out=$(on_ours_until "$seen" "$build_dir/src/cli/scard" watch)
expect "scard watch" "$out" "$seen"
cat >"$work/wait.py" <<'END'
import sys
from smartcard.CardRequest import CardRequest
from smartcard.CardType import AnyCardType
from smartcard.util import toHexString
service = CardRequest(timeout=600, cardType=AnyCardType()).waitforcard()
connection = service.connection
connection.connect()
print("ATR", toHexString(connection.getATR()))
for command in ("00A4000C023F00", "002000000431323334", "0084000008", "00F0000000"):
    data, sw1, sw2 = connection.transmit(list(bytes.fromhex(command)))
    print(command, len(data), "%02X%02X" % (sw1, sw2))
connection.disconnect()
END
out=$(on_ours /usr/bin/python3 "$work/wait.py")
expect "pyscard on vicc" "$out" "^ATR 3B 95 13 81 01 80 73 FF 01 00 0B"
expect "pyscard on vicc, SELECT" "$out" "^00A4000C023F00 0 9000"
expect "pyscard on vicc, VERIFY" "$out" "^002000000431323334 0 9000"
expect "pyscard on vicc, GET CHALLENGE" "$out" "^0084000008 8 9000"
expect "pyscard on vicc, an unknown command" "$out" "^00F0000000 0 6D00"
out=$(on_ours_until 'ATR: ' pcsc_scan -n)
expect "pcsc_scan on vicc" "$out" "ATR: 3B 95 13 81 01 80 73 FF 01 00 0B"
# It waits for a card that comes, and not for one that is there: vicc comes when it waits.
stop_vicc
on_ours opensc-tool --wait --send-apdu 00A4000C023F00 >"$work/waited" 2>&1 &
program=$!
while ! grep -q '^Waiting for a card' "$work/waited" && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
done
start_vicc "$port" iso7816
wait "$program" || true
out=$(cat "$work/waited")
expect "opensc-tool on vicc" "$out" "SW1=0x90, SW2=0x00"
cat >"$work/Wait.java" <<'END'
import javax.smartcardio.*;
public class Wait {
    public static void main(String[] arguments) throws Exception {
        CardTerminal terminal = TerminalFactory.getDefault().terminals().list().get(0);
        System.out.println("present " + terminal.waitForCardPresent(600000));
        CardChannel channel = terminal.connect("T=1").getBasicChannel();
        byte[] command = {0x00, (byte) 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};
        System.out.println(String.format("%04X",
            channel.transmit(new CommandAPDU(command)).getSW()));
    }
}
END
out=$(on_ours java "-Dsun.security.smartcardio.library=$library" "$work/Wait.java" 2>&1 || true)
expect "java on vicc" "$out" "^present true"
expect "java on vicc, SELECT" "$out" "^9000"
done_with vicc
