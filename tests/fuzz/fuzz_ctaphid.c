/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the packets of CTAPHID and of Ledger's devices. Input: the command whose answer is
 * awaited, the room for a Ledger's answer (word), and reports: size (byte), bytes. */
#include "proto/ctaphid.h"
#include "proto/ledger.h"
#include "tests/fuzz/property.h"

enum { CHANNEL = 0x01010500 }; /* so that a report may be one of both */

/* A message that is whole makes the packets that it came in. */
static void check_whole(const struct ctaphid_reply *reply)
{
    static struct ctaphid_reply again;
    uint8_t report[CTAPHID_REPORT_SIZE];
    size_t packets = ctaphid_packets(reply->size);
    PROPERTY(packets > 0 && reply->taken == reply->size);
    ctaphid_await(&again, CHANNEL, (enum ctaphid_command)reply->command);
    for (size_t i = 0; i < packets; i++) {
        ctaphid_build(CHANNEL, (enum ctaphid_command)reply->command, reply->data,
                      reply->size, i, report);
        PROPERTY(ctaphid_take(&again, report, sizeof(report))
                 == (i + 1 == packets ? CTAPHID_WHOLE : CTAPHID_MORE));
    }
    PROPERTY(memcmp(again.data, reply->data, reply->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ctaphid_reply reply;
    struct ctaphid_init init = {.channel = 0};
    struct input input = {data, size};
    enum ctaphid_command command = (enum ctaphid_command)(input_byte(&input) & 0x7F);
    size_t room = input_word(&input);
    uint8_t *out = property_room(room);
    struct ledger_reply ledger = {.out = out, .room = room};
    ctaphid_await(&reply, CHANNEL, command);
    while (input.left > 0) {
        size_t there = 0, wanted = input_byte(&input);
        uint8_t *report = input_copy(&input, wanted, &there);
        enum ctaphid_found found = ctaphid_take(&reply, report, there);
        PROPERTY(reply.taken <= reply.size && reply.size <= CTAPHID_MESSAGE_MAX);
        if (found == CTAPHID_WHOLE) {
            check_whole(&reply);
            PROPERTY(!ctaphid_read_init(reply.data, reply.size, report, &init)
                     || init.channel != 0);
        }
        if (found == CTAPHID_WHOLE || found == CTAPHID_REFUSED
            || found >= CTAPHID_BAD_SIZE)
            ctaphid_await(&reply, CHANNEL, command);
        enum ledger_found part = ledger_take(&ledger, report, there);
        PROPERTY(ledger.taken <= ledger.size || part >= LEDGER_BAD_SIZE);
        if (part == LEDGER_WHOLE || part >= LEDGER_BAD_SIZE)
            ledger = (struct ledger_reply){.out = out, .room = room};
        free(report);
    }
    free(out);
    return 0;
}
