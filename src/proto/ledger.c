/* SPDX-License-Identifier: BSD-2-Clause */
#include "proto/ledger.h"

#include "proto/apdu.h"

#include <assert.h>
#include <string.h>

enum {
    CHANNEL_HIGH = 0x01,
    CHANNEL_LOW = 0x01,
    TAG_APDU = 0x05,
    HEADER_SIZE = 5,
    LENGTH_SIZE = 2,
    LC = 4 /* its place in a command */
};

size_t ledger_command(const uint8_t *bytes, size_t size, uint8_t out[LEDGER_COMMAND_MAX])
{
    struct apdu apdu;
    if (!apdu_parse(bytes, size, &apdu) || apdu.data_size > UINT8_MAX)
        return 0;
    memcpy(out, bytes, APDU_HEADER_SIZE);
    out[LC] = (uint8_t)apdu.data_size;
    if (apdu.data_size > 0)
        memcpy(out + LC + 1, apdu.data, apdu.data_size);
    return LC + 1 + apdu.data_size;
}

size_t ledger_packets(size_t size)
{
    return size <= LEDGER_FIRST_MAX
               ? 1
               : 1 + (size - LEDGER_FIRST_MAX + LEDGER_NEXT_MAX - 1) / LEDGER_NEXT_MAX;
}

void ledger_build(const uint8_t *command, size_t size, size_t index,
                  uint8_t report[LEDGER_REPORT_SIZE])
{
    assert(size <= LEDGER_COMMAND_MAX && index < ledger_packets(size));
    size_t at = index == 0 ? 0 : LEDGER_FIRST_MAX + (index - 1) * LEDGER_NEXT_MAX;
    size_t header = index == 0 ? HEADER_SIZE + LENGTH_SIZE : HEADER_SIZE;
    size_t part = LEDGER_REPORT_SIZE - header;
    memset(report, 0, LEDGER_REPORT_SIZE);
    report[0] = CHANNEL_HIGH;
    report[1] = CHANNEL_LOW;
    report[2] = TAG_APDU;
    report[3] = (uint8_t)(index >> 8);
    report[4] = (uint8_t)index;
    if (index == 0) {
        report[5] = (uint8_t)(size >> 8);
        report[6] = (uint8_t)size;
    }
    part = part < size - at ? part : size - at;
    if (part > 0)
        memcpy(report + header, command + at, part);
}

static enum ledger_found take_ledger_part(struct ledger_reply *reply,
                                          const uint8_t *bytes, size_t there)
{
    size_t part = reply->size - reply->taken;
    part = part < there ? part : there;
    size_t room = reply->taken < reply->room ? reply->room - reply->taken : 0;
    size_t kept = part < room ? part : room;
    if (kept > 0)
        memcpy(reply->out + reply->taken, bytes, kept);
    reply->taken += part;
    return reply->taken == reply->size ? LEDGER_WHOLE : LEDGER_MORE;
}

enum ledger_found ledger_take(struct ledger_reply *reply, const uint8_t *report,
                              size_t size)
{
    if (size != LEDGER_REPORT_SIZE)
        return LEDGER_BAD_SIZE;
    if (report[0] != CHANNEL_HIGH || report[1] != CHANNEL_LOW)
        return LEDGER_FOREIGN;
    if (report[2] != TAG_APDU)
        return LEDGER_BAD_TAG;
    if (((uint32_t)report[3] << 8 | report[4]) != reply->next)
        return LEDGER_BAD_ORDER;
    if (reply->next++ > 0)
        return take_ledger_part(reply, report + HEADER_SIZE, LEDGER_NEXT_MAX);
    reply->size = (size_t)report[5] << 8 | report[6];
    if (reply->size < LEDGER_ANSWER_MIN)
        return LEDGER_BAD_LENGTH;
    return take_ledger_part(reply, report + HEADER_SIZE + LENGTH_SIZE, LEDGER_FIRST_MAX);
}

const char *ledger_words(enum ledger_found found)
{
    switch (found) {
    case LEDGER_BAD_SIZE:
        return "a report that is not of 64 bytes";
    case LEDGER_BAD_TAG:
        return "a packet that is not of an APDU";
    case LEDGER_BAD_ORDER:
        return "another packet than the next one";
    case LEDGER_BAD_LENGTH:
        return "an answer without a status word";
    case LEDGER_FOREIGN:
    case LEDGER_MORE:
    case LEDGER_WHOLE:
        break;
    }
    return "nothing wrong";
}
