/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manager says of a reader and its card by itself. Ids and values: winsmcrd.h
 * and PC/SC part 3, 3.1. */
#include "manager/attribute.h"

#include "base/compiler.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct reader reader;
static uint8_t value[DRIVER_ATTRIBUTE_MAX];
static size_t size;

static enum attribute_source ask(enum name_style style, uint32_t id)
{
    memset(value, 0xA5, sizeof(value));
    size = 77;
    return attribute_get(&reader, style, id, value, &size);
}

static void check_none(uint32_t id)
{
    CHECK_EQ(ask(NAME_WINDOWS, id), ATTRIBUTE_NONE);
    CHECK_EQ(size, 0);
}

static void check_text(enum name_style style, uint32_t id, const char *want)
{
    CHECK_EQ(ask(style, id), ATTRIBUTE_OWN);
    CHECK_EQ(size, strlen(want) + 1);
    CHECK_STR((const char *)value, want);
}

static void check_number(uint32_t id, enum attribute_source source, uint32_t want)
{
    uint32_t got;
    CHECK_EQ(ask(NAME_WINDOWS, id), source);
    CHECK_EQ(size, sizeof(got));
    memcpy(&got, value, sizeof(got));
    CHECK_EQ(got, want);
}

static void check_byte(uint32_t id, uint8_t want)
{
    CHECK_EQ(ask(NAME_WINDOWS, id), ATTRIBUTE_OWN);
    CHECK_EQ(size, 1);
    CHECK_EQ(value[0], want);
}

static void check_device(void)
{
    check_none(0x00010100); /* what the driver does not know, we do not either */
    check_none(0x00010101);
    check_none(0x00010102);
    check_none(0x00010103);
    snprintf(reader.info.vendor, sizeof(reader.info.vendor), "Maker");
    snprintf(reader.info.product, sizeof(reader.info.product), "One");
    snprintf(reader.info.serial, sizeof(reader.info.serial), "007");
    reader.info.version = 0x01020003;
    reader.info.channel_id = 0x00200105;
    reader.unit = 3;
    check_text(NAME_WINDOWS, 0x00010100, "Maker");
    check_text(NAME_WINDOWS, 0x00010101, "One");
    check_text(NAME_PCSCLITE, 0x00010103, "007");
    check_number(0x00010102, ATTRIBUTE_OWN, 0x01020003);
    check_number(0x00020110, ATTRIBUTE_OWN, 0x00200105);
    check_number(0x7FFF0001, ATTRIBUTE_OWN, 3);
    /* Of some drivers nobody else tells what the reader is. */
    reader.info.own_attributes = true;
    for (uint32_t id = 0x00010100; id <= 0x00010103; id++)
        check_none(id);
    check_none(0x00020110);
    check_number(0x7FFF0001, ATTRIBUTE_OWN, 3);
    reader.info.own_attributes = false;
    /* What the driver may know better: the longest command. */
    check_number(0x0007A007, ATTRIBUTE_FALLBACK, DRIVER_TRANSFER_MAX);
    check_none(0x00030120);
    check_none(0x00080208); /* IFSD */
    check_none(0);
    check_none(UINT32_MAX);
}

static void check_names(void)
{
    static const uint16_t wide[] = {'M', 0x5361, 0xD83D, 0xDCB3, ' ', '0', 0};
    snprintf(reader.names[NAME_WINDOWS], DRIVER_NAME_MAX,
             "M\xE5\x8D\xA1"
             "\xF0\x9F\x92\xB3 0");
    snprintf(reader.names[NAME_PCSCLITE], DRIVER_NAME_MAX, "M 00 00");
    for (uint32_t id = 0x7FFF0003; id <= 0x7FFF0004; id++) {
        check_text(NAME_WINDOWS, id, reader.names[NAME_WINDOWS]);
        check_text(NAME_PCSCLITE, id, "M 00 00");
        CHECK_EQ(ask(NAME_WINDOWS, id + 2), ATTRIBUTE_OWN);
        CHECK_EQ(size, sizeof(wide));
        CHECK_MEM(value, wide, sizeof(wide));
        CHECK_EQ(ask(NAME_PCSCLITE, id + 2), ATTRIBUTE_OWN);
        CHECK_EQ(size, 2 * sizeof("M 00 00"));
    }
    /* The longest name fits in both. */
    memset(reader.names[NAME_WINDOWS], 'x', DRIVER_NAME_MAX - 1);
    reader.names[NAME_WINDOWS][DRIVER_NAME_MAX - 1] = '\0';
    check_text(NAME_WINDOWS, 0x7FFF0003, reader.names[NAME_WINDOWS]);
    CHECK_EQ(ask(NAME_WINDOWS, 0x7FFF0005), ATTRIBUTE_OWN);
    CHECK_EQ(size, 2 * DRIVER_NAME_MAX);
    CHECK_EQ(value[2 * DRIVER_NAME_MAX], 0xA5);
}

static void check_presence(enum card_state state, uint8_t presence, uint8_t iface)
{
    reader.slot.state = state;
    check_byte(0x00090300, presence);
    check_byte(0x00090301, iface);
}

static void check_card(void)
{
    struct card_handle card = {.share = 1};
    check_presence(CARD_ABSENT, 0, 0);
    check_presence(CARD_UNKNOWN, 2, 0);
    check_presence(CARD_MUTE, 2, 0);
    check_presence(CARD_OFF, 2, 0);
    check_presence(CARD_NEGOTIABLE, 2, 1);
    check_presence(CARD_SPECIFIC, 2, 1);
    check_number(0x00080201, ATTRIBUTE_OWN, 0);
    reader.slot.protocol = PROTOCOL_T1;
    check_number(0x00080201, ATTRIBUTE_OWN, 2);
    check_number(0x7FFF0002, ATTRIBUTE_OWN, 0);
    reader.slot.exclusive = &card;
    check_number(0x7FFF0002, ATTRIBUTE_OWN, 1);
    reader.slot.exclusive = NULL;
}

static void set_atr(const uint8_t *atr, size_t atr_size)
{
    memcpy(reader.slot.atr, atr, atr_size);
    reader.slot.atr_size = atr_size;
}

/* ISO/IEC 7816-3:2006, 8.3 and table 7: what each byte of the ATR comes to. */
static void check_atr(void)
{
    static const uint8_t plain[] = {0x3B, 0x00};
    /* TA1 96: F 512, D 32. TC1 05. TD1 81, TD2 71: TA3 40 is IFSC 64, TC3 01 is CRC. */
    static const uint8_t t1[] = {0x3B, 0xD0, 0x96, 0x05, 0x81,
                                 0x71, 0x40, 0x45, 0x01, 0xB7};
    static const uint8_t tc1[] = {0x3B, 0x40, 0x14};
    static const uint8_t tc2[] = {0x3B, 0x80, 0x40, 0x14};
    static const uint32_t ids[] = {0x00080203, 0x00080204, 0x00080205,
                                   0x00080206, 0x00080207, 0x0008020B};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
        check_none(ids[i]);
    check_none(0x00090303);
    check_byte(0x00090304, 0);
    set_atr(plain, sizeof(plain));
    CHECK_EQ(ask(NAME_WINDOWS, 0x00090303), ATTRIBUTE_OWN);
    CHECK_EQ(size, sizeof(plain));
    CHECK_MEM(value, plain, sizeof(plain));
    static const uint32_t defaults[] = {372, 1, 0, 10, 32, 0};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
        check_number(ids[i], ATTRIBUTE_FALLBACK, defaults[i]);
    set_atr(t1, sizeof(t1));
    static const uint32_t said[] = {512, 32, 5, 10, 64, 1};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
        check_number(ids[i], ATTRIBUTE_FALLBACK, said[i]);
    set_atr(tc1, sizeof(tc1));
    check_number(0x00080205, ATTRIBUTE_FALLBACK, 0x14);
    check_number(0x00080206, ATTRIBUTE_FALLBACK, 10);
    set_atr(tc2, sizeof(tc2));
    check_number(0x00080205, ATTRIBUTE_FALLBACK, 0);
    check_number(0x00080206, ATTRIBUTE_FALLBACK, 0x14);
    reader.slot.offered = PROTOCOL_T0;
    check_byte(0x00090304, 1);
    uint8_t longest[DRIVER_ATR_MAX];
    memset(longest, 0x3B, sizeof(longest));
    set_atr(longest, sizeof(longest));
    CHECK_EQ(ask(NAME_WINDOWS, 0x00090303), ATTRIBUTE_OWN);
    CHECK_EQ(size, DRIVER_ATR_MAX);
    CHECK_MEM(value, longest, sizeof(longest));
}

int main(void)
{
    slot_init(&reader.slot, 0);
    check_device();
    check_names();
    check_card();
    check_atr();
    return check_result();
}
