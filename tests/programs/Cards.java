// SPDX-License-Identifier: BSD-2-Clause
// Java's javax.smartcardio on our library: list, connect, transmit, wait for absent, present.
import java.util.List;
import javax.smartcardio.*;

public class Cards {
    private static final int EJECT = 0x00310018, SWALLOW = 0x0031001C; // winsmcrd.h

    public static void main(String[] arguments) throws Exception {
        CardTerminals terminals = TerminalFactory.getDefault().terminals();
        List<CardTerminal> list = terminals.list();
        CardTerminal terminal = list.get(0);
        System.out.println("terminals " + list.size() + ": " + terminal.getName());
        Card card = terminal.connect("*");
        StringBuilder atr = new StringBuilder();
        for (byte b : card.getATR().getBytes())
            atr.append(String.format("%02X ", b));
        System.out.println("ATR " + atr.toString().trim() + " " + card.getProtocol());
        CardChannel channel = card.getBasicChannel();
        card.beginExclusive();
        byte[] name = {(byte) 0xF0, 0x53, 0x4F, 0x46, 0x54};
        ResponseAPDU answer = channel.transmit(new CommandAPDU(0x00, 0xA4, 0x04, 0x0C, name));
        System.out.println(String.format("SELECT %04X", answer.getSW()));
        answer = channel.transmit(new CommandAPDU(0x00, 0xB0, 0x81, 0x00, 4));
        System.out.println("READ " + new String(answer.getData()));
        card.endExclusive();
        card.transmitControlCommand(EJECT, new byte[0]);
        System.out.println("absent " + terminal.waitForCardAbsent(600000));
        card.disconnect(false);
        Card reader = terminal.connect("DIRECT");
        reader.transmitControlCommand(SWALLOW, new byte[0]);
        System.out.println("present " + terminal.waitForCardPresent(600000));
        reader.disconnect(false);
    }
}
