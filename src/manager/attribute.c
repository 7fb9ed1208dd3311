/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manager knows of a reader by itself, as attributes. */
#include "manager/attribute.h"

#include "base/attribute.h"
#include "base/utf.h"
#include "proto/atr.h"

#include <string.h>

static enum attribute_source give_attribute_number(uint8_t *value, size_t *size,
                                                   uint32_t number,
                                                   enum attribute_source source)
{
    memcpy(value, &number, sizeof(number));
    *size = sizeof(number);
    return source;
}

static enum attribute_source byte(uint8_t *value, size_t *size, unsigned byte)
{
    value[0] = (uint8_t)byte;
    *size = 1;
    return ATTRIBUTE_OWN;
}

static enum attribute_source give_text(uint8_t *value, size_t *size, const char *text)
{
    if (text[0] == '\0')
        return ATTRIBUTE_NONE;
    *size = strlen(text) + 1;
    memcpy(value, text, *size);
    return ATTRIBUTE_OWN;
}

static enum attribute_source wide_text(uint8_t *value, size_t *size, const char *text)
{
    uint16_t wide[DRIVER_NAME_MAX];
    size_t count;
    if (utf8_to_utf16(text, strlen(text) + 1, wide, DRIVER_NAME_MAX, &count) != SC_OK)
        return ATTRIBUTE_NONE;
    *size = count * sizeof(*wide);
    memcpy(value, wide, *size);
    return ATTRIBUTE_OWN;
}

static bool is_of_device(uint32_t id)
{
    return id == ATTR_VENDOR_NAME || id == ATTR_VENDOR_IFD_TYPE
           || id == ATTR_VENDOR_IFD_SERIAL_NO || id == ATTR_VENDOR_IFD_VERSION
           || id == ATTR_CHANNEL_ID;
}

static enum attribute_source name_attribute(const struct reader *reader,
                                            enum name_style style, uint32_t id,
                                            uint8_t *value, size_t *size)
{
    const struct reader_info *info = &reader->info;
    if (info->own_attributes && is_of_device(id))
        return ATTRIBUTE_NONE;
    switch (id) {
    case ATTR_VENDOR_NAME:
        return give_text(value, size, info->vendor);
    case ATTR_VENDOR_IFD_TYPE:
        return give_text(value, size, info->product);
    case ATTR_VENDOR_IFD_SERIAL_NO:
        return give_text(value, size, info->serial);
    case ATTR_VENDOR_IFD_VERSION:
        return info->version == 0
                   ? ATTRIBUTE_NONE
                   : give_attribute_number(value, size, info->version, ATTRIBUTE_OWN);
    case ATTR_CHANNEL_ID:
        return give_attribute_number(value, size, info->channel_id, ATTRIBUTE_OWN);
    case ATTR_DEVICE_UNIT:
        return give_attribute_number(value, size, reader->unit, ATTRIBUTE_OWN);
    case ATTR_DEVICE_FRIENDLY_NAME_A:
    case ATTR_DEVICE_SYSTEM_NAME_A:
        return give_text(value, size, reader->names[style]);
    case ATTR_DEVICE_FRIENDLY_NAME_W:
    case ATTR_DEVICE_SYSTEM_NAME_W:
        return wide_text(value, size, reader->names[style]);
    default:
        return ATTRIBUTE_NONE;
    }
}

/* PC/SC part 3, 3.1.2: 0 no card, 1 present, 2 present and in position. */
static enum attribute_source attribute_of_card(const struct slot *slot, uint32_t id,
                                               uint8_t *value, size_t *size)
{
    bool powered = slot->state == CARD_NEGOTIABLE || slot->state == CARD_SPECIFIC;
    switch (id) {
    case ATTR_ICC_PRESENCE:
        return byte(value, size, slot->state == CARD_ABSENT ? 0 : 2);
    case ATTR_ICC_INTERFACE_STATUS:
        return byte(value, size, powered ? 1 : 0);
    case ATTR_ICC_TYPE_PER_ATR:
        return byte(value, size, slot->offered != 0 ? 1 : 0);
    case ATTR_CURRENT_PROTOCOL_TYPE:
        return give_attribute_number(value, size, slot->protocol, ATTRIBUTE_OWN);
    case ATTR_DEVICE_IN_USE:
        return give_attribute_number(value, size, slot->exclusive != NULL, ATTRIBUTE_OWN);
    case ATTR_ATR_STRING:
        if (slot->atr_size == 0)
            return ATTRIBUTE_NONE;
        memcpy(value, slot->atr, slot->atr_size);
        *size = slot->atr_size;
        return ATTRIBUTE_OWN;
    default:
        return ATTRIBUTE_NONE;
    }
}

/* What the ATR asks for; a driver that negotiated something else says so itself. */
static enum attribute_source atr_attribute(const struct slot *slot, uint32_t id,
                                           uint8_t *value, size_t *size)
{
    struct atr atr;
    if (slot->atr_size == 0)
        return ATTRIBUTE_NONE;
    atr_parse(&atr, slot->atr, slot->atr_size);
    switch (id) {
    case ATTR_CURRENT_F:
        return give_attribute_number(value, size, atr.fi, ATTRIBUTE_FALLBACK);
    case ATTR_CURRENT_D:
        return give_attribute_number(value, size, atr.di, ATTRIBUTE_FALLBACK);
    case ATTR_CURRENT_N:
        return give_attribute_number(value, size, atr.n, ATTRIBUTE_FALLBACK);
    case ATTR_CURRENT_W:
        return give_attribute_number(value, size, atr.wi, ATTRIBUTE_FALLBACK);
    case ATTR_CURRENT_IFSC:
        return give_attribute_number(value, size, atr.ifsc, ATTRIBUTE_FALLBACK);
    case ATTR_CURRENT_EBC:
        return give_attribute_number(value, size, atr.edc, ATTRIBUTE_FALLBACK);
    default:
        return ATTRIBUTE_NONE;
    }
}

enum attribute_source attribute_get(const struct reader *reader, enum name_style style,
                                    uint32_t id, uint8_t *value, size_t *size)
{
    *size = 0;
    enum attribute_source source = name_attribute(reader, style, id, value, size);
    if (source == ATTRIBUTE_NONE)
        source = attribute_of_card(&reader->slot, id, value, size);
    if (source == ATTRIBUTE_NONE)
        source = atr_attribute(&reader->slot, id, value, size);
    if (source == ATTRIBUTE_NONE && id == ATTR_MAXINPUT)
        source =
            give_attribute_number(value, size, DRIVER_TRANSFER_MAX, ATTRIBUTE_FALLBACK);
    return source;
}

bool attribute_needs_card(enum name_style style, uint32_t id)
{
    enum { CLASS_IFD_PROTOCOL = 8 };
    return style == NAME_PCSCLITE || id >> 16 == CLASS_IFD_PROTOCOL
           || id == ATTR_CURRENT_IO_STATE || id == ATTR_ATR_STRING
           || id == ATTR_ICC_TYPE_PER_ATR;
}
