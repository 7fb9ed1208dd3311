/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the frames of serial readers. Input: what comes from the line. */
#include "drivers/ccid_serial/frame.h"
#include "proto/ccid.h"
#include "tests/fuzz/property.h"

/* A message that is found is whole, and its frame leads to the same. */
static void check_message(const struct frame_reader *found)
{
    static struct frame_reader again;
    uint8_t frame[FRAME_MAX];
    PROPERTY(found->size >= CCID_HEADER_SIZE && found->size <= FRAME_MESSAGE_MAX);
    PROPERTY(ccid_message_size(found->message) == found->size);
    size_t size = frame_put(frame, found->message, found->size);
    frame_forget(&again);
    for (size_t i = 0; i + 1 < size; i++)
        PROPERTY(frame_take(&again, frame[i]) == FRAME_NOTHING);
    PROPERTY(frame_take(&again, frame[size - 1]) == FRAME_MESSAGE);
    PROPERTY(again.size == found->size
             && memcmp(again.message, found->message, found->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame_reader reader;
    size_t since = 0; /* bytes without a result */
    frame_forget(&reader);
    for (size_t i = 0; i < size; i++) {
        enum frame_found found = frame_take(&reader, data[i]);
        since = found == FRAME_NOTHING ? since + 1 : 0;
        PROPERTY(since <= FRAME_NOISE_MAX + FRAME_MAX);
        if (found == FRAME_MESSAGE)
            check_message(&reader);
    }
    return 0;
}
