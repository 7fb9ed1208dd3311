/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of serial readers, as they were seen on real lines, and what is none. */
#include "drivers/ccid_serial/frame.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

#include <string.h>

static struct frame_reader reader;

/* What each byte of `text` gives, as one letter: - nothing, M message, E event, T time,
 * R refused, B broken. */
static void expect(const char *text, const char *found)
{
    static const char letters[] = {
        [FRAME_NOTHING] = '-', [FRAME_MESSAGE] = 'M', [FRAME_EVENT] = 'E',
        [FRAME_TIME] = 'T',    [FRAME_REFUSED] = 'R', [FRAME_BROKEN] = 'B'};
    uint8_t bytes[400];
    char got[sizeof(bytes) + 1] = "";
    size_t size = hex(text, bytes, sizeof(bytes));
    for (size_t i = 0; i < size; i++)
        got[i] = letters[frame_take(&reader, bytes[i])];
    got[size] = '\0';
    CHECK_STR(got, found);
}

static void check_put(void)
{
    static const struct {
        const char *message, *frame;
    } cases[] = {
        {"65000000000000000000", "03066500000000000000000060"},
        {"62000000000001010000", "03066200000000000101000067"},
        {"6B010000000000000000"
         "02",
         "03066B010000000000000000026D"},
        {"6B030000000001000000"
         "010101",
         "03066B0300000000010000000101016D"},
        {"6F05000000000200000000A4000000", "03066F05000000000200000000A4000000C9"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t message[FRAME_MESSAGE_MAX], frame[FRAME_MAX], wanted[FRAME_MAX];
        size_t size = hex(cases[i].message, message, sizeof(message));
        size_t wanted_size = hex(cases[i].frame, wanted, sizeof(wanted));
        CHECK_EQ(frame_put(frame, message, size), wanted_size);
        CHECK_MEM(frame, wanted, wanted_size);
    }
}

static void check_take(void)
{
    expect("03068100000000000000000084", "------------M");
    CHECK_EQ(reader.size, 10);
    CHECK_EQ(reader.message[0], 0x81);
    expect("03068100000000000042FE0038", "------------M");
    expect("5003", "-E");
    CHECK(reader.present);
    expect("5002", "-E");
    CHECK(!reader.present);
    expect("031516", "--R");
    expect("FF80", "TT");
    /* Noise before a frame, and a SYNC that begins none. */
    expect("00417F0D"
           "03068100000000000000000084",
           "----"
           "------------M");
    expect("0303068100000000000000000084", "-------------M");
    /* A notification of something else is noise. */
    expect("5041", "--");
    expect("5003068100000000000000000084", "-E-T---------T" /* the 03 told of a card */);
    frame_forget(&reader);
    /* Damaged: the check, the control byte, a length beyond reason. */
    expect("03068100000000000000000085", "------------B");
    expect("0307", "-B");
    expect("031517", "--B");
    expect("030680FFFFFFFF0000000000", "-----------B");
    expect("03068006010000000000000000", "-----------B-"); /* 272 bytes */
    expect("03068100000000000000000084", "------------M");
}

/* A line that carries nothing but noise is given up, and again. */
static void check_noise(void)
{
    frame_forget(&reader);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < FRAME_NOISE_MAX; i++)
            CHECK_EQ(frame_take(&reader, 0x00), FRAME_NOTHING);
        CHECK_EQ(frame_take(&reader, 0x00), FRAME_BROKEN);
    }
}

/* The longest message there is. */
static void check_longest(void)
{
    uint8_t message[FRAME_MESSAGE_MAX] = {0x80, 0x05, 0x01}, frame[FRAME_MAX];
    size_t size = frame_put(frame, message, sizeof(message));
    CHECK_EQ(size, FRAME_MAX);
    frame_forget(&reader);
    for (size_t i = 0; i + 1 < size; i++)
        CHECK_EQ(frame_take(&reader, frame[i]), FRAME_NOTHING);
    CHECK_EQ(frame_take(&reader, frame[size - 1]), FRAME_MESSAGE);
    CHECK_EQ(reader.size, FRAME_MESSAGE_MAX);
    CHECK_MEM(reader.message, message, sizeof(message));
}

int main(void)
{
    check_put();
    check_take();
    check_noise();
    check_longest();
    return check_result();
}
