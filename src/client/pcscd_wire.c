/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's messages: requests and answers. */
#include "client/pcscd_wire.h"

#include <string.h>

void wire_begin(struct wire_message *message, enum wire_command command)
{
    uint32_t header[2] = {0, (uint32_t)command};
    memset(message->bytes, 0, sizeof(message->bytes));
    memcpy(message->bytes, header, sizeof(header));
    message->size = WIRE_HEADER_SIZE;
}

static void note_size(struct wire_message *message)
{
    uint32_t size = (uint32_t)(message->size - WIRE_HEADER_SIZE);
    memcpy(message->bytes, &size, sizeof(size));
}

void wire_put_word(struct wire_message *message, uint32_t word)
{
    wire_put_bytes(message, &word, sizeof(word), sizeof(word));
}

void wire_put_bytes(struct wire_message *message, const void *bytes, size_t size,
                    size_t room)
{
    assert(message->size >= WIRE_HEADER_SIZE && message->size <= sizeof(message->bytes));
    if (room > sizeof(message->bytes) - message->size || size > room)
        return;
    if (size > 0)
        memcpy(message->bytes + message->size, bytes, size);
    message->size += room;
    note_size(message);
}

static uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

uint32_t wire_word(const uint8_t *answer, size_t size, unsigned number)
{
    assert(size % sizeof(uint32_t) == 0);
    size_t at = (size_t)number * sizeof(uint32_t);
    return at + sizeof(uint32_t) <= size ? word_at(answer + at) : 0;
}

void wire_get_reader(const uint8_t record[WIRE_RECORD_SIZE], struct wire_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
    memcpy(reader->name, record, WIRE_NAME_MAX - 1);
    reader->events = word_at(record + RECORD_EVENTS);
    reader->state = word_at(record + RECORD_STATE);
    uint32_t sharing = word_at(record + RECORD_SHARING);
    memcpy(&reader->sharing, &sharing, sizeof(sharing));
    uint32_t atr_size = word_at(record + RECORD_ATR_SIZE);
    if (atr_size <= DRIVER_ATR_MAX) {
        reader->atr_size = atr_size;
        memcpy(reader->atr, record + RECORD_ATR, atr_size);
    }
    reader->protocol = wire_protocols_in(word_at(record + RECORD_PROTOCOL));
}
