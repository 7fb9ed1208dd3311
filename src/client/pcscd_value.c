/* SPDX-License-Identifier: BSD-2-Clause */
/* pcsc-lite's values and ours: errors, protocols, states, names. */
#include "base/utf.h"
#include "client/pcscd_wire.h"

#include <string.h>

enum sc_error wire_error(uint32_t rv)
{
    enum sc_error error = (enum sc_error)(rv & 0xFFFF);
    if (rv == 0)
        return SC_OK;
    if (rv >> 16 != 0x8010 || error == SC_OK || error >= SC_X_NOT_SUPPORTED)
        return SC_F_UNKNOWN_ERROR;
    /* 0x8010001F is SCARD_E_UNSUPPORTED_FEATURE there. */
    if (error == SC_E_UNEXPECTED)
        return SC_E_UNSUPPORTED_FEATURE;
    return strcmp(sc_error_name(error), "unknown") != 0 ? error : SC_F_UNKNOWN_ERROR;
}

uint32_t wire_protocols_out(uint32_t protocols)
{
    uint32_t same = protocols & (PROTOCOL_T0 | PROTOCOL_T1);
    return same | ((protocols & PROTOCOL_RAW) != 0 ? THEIR_PROTOCOL_RAW : 0U);
}

uint32_t wire_protocols_in(uint32_t protocols)
{
    uint32_t same = protocols & (PROTOCOL_T0 | PROTOCOL_T1);
    return same | ((protocols & THEIR_PROTOCOL_RAW) != 0 ? PROTOCOL_RAW : 0U);
}

/* --- States ------------------------------------------------------------------------- */

enum card_state wire_card_state(const struct wire_reader *reader)
{
    uint32_t state = reader->state;
    if ((state & THEIR_PRESENT) == 0)
        return CARD_ABSENT;
    if ((state & THEIR_SWALLOWED) != 0)
        return CARD_MUTE;
    if (reader->atr_size == 0)
        return CARD_UNKNOWN;
    if ((state & THEIR_POWERED) == 0)
        return CARD_OFF;
    /* A protocol is in force: that state they leave at NEGOTIABLE. */
    bool chosen = (reader->protocol & (PROTOCOL_T0 | PROTOCOL_T1)) != 0;
    return (state & THEIR_SPECIFIC) != 0 || chosen ? CARD_SPECIFIC : CARD_NEGOTIABLE;
}

void wire_view(const struct wire_reader *reader, struct slot_view *view)
{
    memset(view, 0, sizeof(*view));
    view->events = reader->events & 0xFFFF;
    if ((reader->state & THEIR_UNKNOWN) != 0) {
        view->state = VIEW_UNAVAILABLE;
        return;
    }
    enum card_state card = wire_card_state(reader);
    view->state = card == CARD_ABSENT ? VIEW_EMPTY : VIEW_PRESENT;
    if (card == CARD_MUTE)
        view->state |= VIEW_MUTE;
    if (card == CARD_OFF)
        view->state |= VIEW_UNPOWERED;
    view->alone = reader->sharing < 0;
    if (card != CARD_ABSENT && reader->sharing != 0)
        view->state |= VIEW_INUSE;
    if (card != CARD_ABSENT && view->alone)
        view->state |= VIEW_EXCLUSIVE;
    if (card != CARD_ABSENT && card != CARD_MUTE) {
        view->atr_size = reader->atr_size;
        memcpy(view->atr, reader->atr, reader->atr_size);
    }
}

/* --- Names -------------------------------------------------------------------------- */

void wire_shown_name(const char *name, char shown[DRIVER_NAME_MAX])
{
    size_t size = utf8_length(name, DRIVER_NAME_MAX - 1);
    bool is_text = utf8_is_valid(name, size);
    memcpy(shown, name, size);
    for (size_t i = 0; i < size && !is_text; i++)
        if ((unsigned char)shown[i] >= 0x80)
            shown[i] = '?';
    shown[size] = '\0';
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static uint32_t hex_value(char c)
{
    return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a') + 10;
}

/* Takes " 00 00" off the end; *slot is the second number. */
static size_t drop_numbers(const char *text, size_t size, uint32_t *slot)
{
    const char *end = text + size - 6;
    if (size < 7 || end[0] != ' ' || end[3] != ' ' || !is_hex(end[1]) || !is_hex(end[2])
        || !is_hex(end[4]) || !is_hex(end[5]))
        return size;
    *slot = hex_value(end[4]) << 4 | hex_value(end[5]);
    return size - 6;
}

/* Cuts at the start of a UTF-8 character where the text is too long. */
static void copy_cut_text(char *out, size_t room, const char *text, size_t size)
{
    if (size >= room) {
        size = room - 1;
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
            size--;
    }
    memcpy(out, text, size);
    out[size] = '\0';
}

/* Takes " (text)", or another pair of brackets, off the end. */
static size_t drop_bracket(const char *text, size_t size, const char brackets[2],
                           char out[DRIVER_TEXT_MAX])
{
    if (size < 4 || text[size - 1] != brackets[1])
        return size;
    size_t open = size - 1;
    for (unsigned depth = 1; open > 0 && depth > 0;) {
        open--;
        depth += text[open] == brackets[1] ? 1U : 0U;
        depth -= text[open] == brackets[0] ? 1U : 0U;
    }
    if (open < 2 || text[open] != brackets[0] || text[open - 1] != ' ')
        return size;
    copy_cut_text(out, DRIVER_TEXT_MAX, text + open + 1, size - open - 2);
    return open - 1;
}

void wire_reader_info(const char *name, struct reader_info *info)
{
    char text[DRIVER_NAME_MAX] = "";
    memset(info, 0, sizeof(*info));
    copy_cut_text(info->device_id, DRIVER_NAME_MAX, name,
                  utf8_length(name, WIRE_NAME_MAX - 1));
    info->type = READER_TYPE_VENDOR;
    wire_shown_name(name, text);
    size_t size = drop_numbers(text, strlen(text), &info->slot);
    size = drop_bracket(text, size, "()", info->serial);
    size = drop_bracket(text, size, "[]", info->interface_name);
    const char *space = memchr(text, ' ', size);
    size_t vendor = space != NULL ? (size_t)(space - text) : 0;
    copy_cut_text(info->vendor, sizeof(info->vendor), text, vendor);
    size_t begin = space != NULL ? vendor + 1 : 0;
    copy_cut_text(info->product, sizeof(info->product), text + begin, size - begin);
}
