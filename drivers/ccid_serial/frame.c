/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid_serial/frame.h"

#include "base/secret.h"
#include "proto/ccid.h"

#include <assert.h>
#include <string.h>

enum { SYNC = 0x03, ACK = 0x06, NAK = 0x15, NAK_CHECK = SYNC ^ NAK, TIME = 0x80 };

enum state { BETWEEN, IN_EVENT, IN_CONTROL, IN_REFUSAL, IN_MESSAGE, IN_CHECK };

void frame_forget(struct frame_reader *reader)
{
    secret_clear(reader, sizeof(*reader));
}

static enum frame_found break_off(struct frame_reader *reader)
{
    frame_forget(reader);
    return FRAME_BROKEN;
}

static enum frame_found go_on(struct frame_reader *reader, enum state state)
{
    reader->state = (uint8_t)state;
    return FRAME_NOTHING;
}

/* What is none of the beginnings is skipped: a line may carry what was there before, or a
 * reader's greeting. */
static enum frame_found take_first(struct frame_reader *reader, uint8_t byte)
{
    if (byte == SYNC)
        return go_on(reader, IN_CONTROL);
    if (byte == CCID_NOTIFY_SLOT_CHANGE)
        return go_on(reader, IN_EVENT);
    if (byte >= TIME)
        return FRAME_TIME;
    return ++reader->noise > FRAME_NOISE_MAX ? break_off(reader) : FRAME_NOTHING;
}

static enum frame_found take_event(struct frame_reader *reader, uint8_t byte)
{
    reader->state = BETWEEN;
    reader->present = byte == 0x03;
    if (byte == 0x02 || byte == 0x03)
        return FRAME_EVENT;
    return take_first(reader, byte); /* the 50 was noise */
}

static enum frame_found take_control(struct frame_reader *reader, uint8_t byte)
{
    if (byte == NAK)
        return go_on(reader, IN_REFUSAL);
    if (byte != ACK)
        return byte == SYNC ? FRAME_NOTHING : break_off(reader);
    reader->size = 0;
    reader->wanted = CCID_HEADER_SIZE;
    reader->check = SYNC ^ ACK;
    return go_on(reader, IN_MESSAGE);
}

static enum frame_found take_message(struct frame_reader *reader, uint8_t byte)
{
    reader->message[reader->size++] = byte;
    reader->check ^= byte;
    if (reader->size < reader->wanted)
        return FRAME_NOTHING;
    if (reader->size == CCID_HEADER_SIZE) {
        reader->wanted = ccid_message_size(reader->message);
        if (reader->wanted < CCID_HEADER_SIZE || reader->wanted > FRAME_MESSAGE_MAX)
            return break_off(reader);
    }
    return reader->size == reader->wanted ? go_on(reader, IN_CHECK) : FRAME_NOTHING;
}

static enum frame_found take_check(struct frame_reader *reader, uint8_t byte)
{
    if (byte != reader->check)
        return break_off(reader);
    reader->state = BETWEEN;
    reader->noise = 0;
    return FRAME_MESSAGE;
}

enum frame_found frame_take(struct frame_reader *reader, uint8_t byte)
{
    assert(reader->size < sizeof(reader->message) || reader->state != IN_MESSAGE);
    switch ((enum state)reader->state) {
    case BETWEEN:
        return take_first(reader, byte);
    case IN_EVENT:
        return take_event(reader, byte);
    case IN_CONTROL:
        return take_control(reader, byte);
    case IN_REFUSAL:
        reader->state = BETWEEN;
        return byte == NAK_CHECK ? FRAME_REFUSED : break_off(reader);
    case IN_MESSAGE:
        return take_message(reader, byte);
    case IN_CHECK:
        return take_check(reader, byte);
    }
    return break_off(reader);
}

size_t frame_put(uint8_t frame[FRAME_MAX], const uint8_t *message, size_t size)
{
    assert(size <= FRAME_MESSAGE_MAX);
    size_t at = 0;
    uint8_t check = SYNC ^ ACK;
    frame[at++] = SYNC;
    frame[at++] = ACK;
    memcpy(frame + at, message, size);
    for (size_t i = 0; i < size; i++)
        check ^= message[i];
    frame[at + size] = check;
    return size + 3;
}
