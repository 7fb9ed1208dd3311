/* SPDX-License-Identifier: BSD-2-Clause */
#include "proto/ctaphid.h"

#include <assert.h>
#include <string.h>

enum {
    FIRST_HEADER = CTAPHID_REPORT_SIZE - CTAPHID_FIRST_MAX,
    NEXT_HEADER = CTAPHID_REPORT_SIZE - CTAPHID_NEXT_MAX,
    IS_FIRST = 0x80,
    INIT_REPLY_SIZE = CTAPHID_NONCE_SIZE + 9
};

static void put_channel(uint8_t *bytes, uint32_t channel)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(channel >> (24 - 8 * i));
}

static uint32_t get_channel(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
           | bytes[3];
}

size_t ctaphid_packets(size_t size)
{
    if (size > CTAPHID_MESSAGE_MAX)
        return 0;
    if (size <= CTAPHID_FIRST_MAX)
        return 1;
    return 1 + (size - CTAPHID_FIRST_MAX + CTAPHID_NEXT_MAX - 1) / CTAPHID_NEXT_MAX;
}

void ctaphid_build(uint32_t channel, enum ctaphid_command command, const uint8_t *data,
                   size_t size, size_t index, uint8_t report[CTAPHID_REPORT_SIZE])
{
    assert(index < ctaphid_packets(size));
    size_t header = index == 0 ? FIRST_HEADER : NEXT_HEADER;
    size_t at = index == 0 ? 0 : CTAPHID_FIRST_MAX + (index - 1) * CTAPHID_NEXT_MAX;
    size_t part = CTAPHID_REPORT_SIZE - header;
    memset(report, 0, CTAPHID_REPORT_SIZE);
    put_channel(report, channel);
    if (index == 0) {
        report[4] = (uint8_t)((unsigned)command | IS_FIRST);
        report[5] = (uint8_t)(size >> 8);
        report[6] = (uint8_t)size;
    } else {
        report[4] = (uint8_t)(index - 1);
    }
    part = part < size - at ? part : size - at;
    if (part > 0)
        memcpy(report + header, data + at, part);
}

void ctaphid_await(struct ctaphid_reply *reply, uint32_t channel,
                   enum ctaphid_command command)
{
    reply->channel = channel;
    reply->command = (uint8_t)command;
    reply->status = 0;
    reply->begun = false;
    reply->next = 0;
    reply->size = reply->taken = 0;
}

static enum ctaphid_found take_ctaphid_part(struct ctaphid_reply *reply,
                                            const uint8_t *bytes, size_t there)
{
    size_t part = reply->size - reply->taken;
    part = part < there ? part : there;
    assert(reply->taken + part <= sizeof(reply->data));
    memcpy(reply->data + reply->taken, bytes, part);
    reply->taken += part;
    return reply->taken == reply->size ? CTAPHID_WHOLE : CTAPHID_MORE;
}

static enum ctaphid_found take_ctaphid_status(struct ctaphid_reply *reply,
                                              const uint8_t *report, size_t size,
                                              enum ctaphid_found found)
{
    if (size != 1)
        return CTAPHID_BAD_LENGTH;
    reply->status = report[FIRST_HEADER];
    return found;
}

static enum ctaphid_found take_first_packet(struct ctaphid_reply *reply,
                                            const uint8_t *report)
{
    unsigned command = report[4] & ~(unsigned)IS_FIRST;
    size_t size = (size_t)report[5] << 8 | report[6];
    if (command != reply->command && command != CTAPHID_ERROR
        && reply->command == CTAPHID_INIT)
        return CTAPHID_FOREIGN;
    if (reply->begun)
        return CTAPHID_BAD_ORDER;
    if (command == CTAPHID_KEEPALIVE)
        return take_ctaphid_status(reply, report, size, CTAPHID_WAITS);
    if (command == CTAPHID_ERROR)
        return take_ctaphid_status(reply, report, size, CTAPHID_REFUSED);
    if (command != reply->command)
        return CTAPHID_BAD_COMMAND;
    if (size > CTAPHID_MESSAGE_MAX)
        return CTAPHID_BAD_LENGTH;
    reply->begun = true;
    reply->size = size;
    return take_ctaphid_part(reply, report + FIRST_HEADER, CTAPHID_FIRST_MAX);
}

enum ctaphid_found ctaphid_take(struct ctaphid_reply *reply, const uint8_t *report,
                                size_t size)
{
    if (size != CTAPHID_REPORT_SIZE)
        return CTAPHID_BAD_SIZE;
    if (get_channel(report) != reply->channel)
        return CTAPHID_FOREIGN;
    if ((report[4] & IS_FIRST) != 0)
        return take_first_packet(reply, report);
    if (!reply->begun)
        return CTAPHID_FOREIGN; /* of an answer that nobody waits for any more */
    if (report[4] != reply->next)
        return CTAPHID_BAD_ORDER;
    reply->next++;
    return take_ctaphid_part(reply, report + NEXT_HEADER, CTAPHID_NEXT_MAX);
}

const char *ctaphid_words(enum ctaphid_found found)
{
    switch (found) {
    case CTAPHID_BAD_SIZE:
        return "a report that is not of 64 bytes";
    case CTAPHID_BAD_ORDER:
        return "another packet than the next one";
    case CTAPHID_BAD_LENGTH:
        return "a message of a length that none has";
    case CTAPHID_BAD_COMMAND:
        return "an answer to what was not asked";
    case CTAPHID_FOREIGN:
    case CTAPHID_MORE:
    case CTAPHID_WHOLE:
    case CTAPHID_WAITS:
    case CTAPHID_REFUSED:
        break;
    }
    return "nothing wrong";
}

bool ctaphid_read_init(const uint8_t *data, size_t size,
                       const uint8_t nonce[CTAPHID_NONCE_SIZE], struct ctaphid_init *init)
{
    if (size < INIT_REPLY_SIZE || memcmp(data, nonce, CTAPHID_NONCE_SIZE) != 0)
        return false;
    const uint8_t *at = data + CTAPHID_NONCE_SIZE;
    uint32_t channel = get_channel(at);
    if (channel == 0 || channel == CTAPHID_BROADCAST)
        return false;
    *init = (struct ctaphid_init){.channel = channel,
                                  .version = at[4],
                                  .major = at[5],
                                  .minor = at[6],
                                  .build = at[7],
                                  .capabilities = at[8]};
    return true;
}
