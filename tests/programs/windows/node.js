// SPDX-License-Identifier: BSD-2-Clause
// What a program for Node.js does with the npm package smartcard: waits for a card, selects a
// file of the software card, and reads it. Ends by itself when it has, or has not.
'use strict';

const { Devices } = require('smartcard');

const commands = [
    ['select', [0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00]],
    ['select', [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x2f, 0x01]],
    ['read', [0x00, 0xb0, 0x00, 0x00, 0x00]],
];
const devices = new Devices();

function end(code) {
    devices.stop();
    process.exitCode = code;
}

devices.on('reader-attached', (reader) => console.log(`reader: ${reader.name}`));
devices.on('card-inserted', async ({ reader, card }) => {
    try {
        console.log(`card in ${reader.name}: ${card.atr.toString('hex')}`);
        for (const [what, command] of commands) {
            let answer = await card.transmit(command);
            if (answer[0] === 0x6c) {
                // T=0: so long it is, ask for that
                answer = await card.transmit([...command.slice(0, -1), answer[1]]);
            }
            console.log(`${what}: ${answer.toString('hex')}`);
        }
        end(0);
    } catch (error) {
        console.log(`failed: ${error.message}`);
        end(1);
    }
});
devices.on('error', (error) => {
    console.log(`error: ${error.message}`);
    end(1);
});
devices.start();
