/* SPDX-License-Identifier: BSD-2-Clause */
/* How the historical bytes are read and worded: ISO/IEC 7816-4:2013, 12.1.1, and PC/SC
 * part 3, 3.1.3.2.3 for storage cards at contactless readers. */
#include "cli/atr_words.h"

#include "cli/status_words.h"
#include "cli/text.h"

#include <string.h>

/* Where the words go. */
struct sink {
    void (*line)(void *context, const char *words);
    void *context;
};

static void say_bytes(struct sink *sink, const char *what, const uint8_t *bytes,
                      size_t size)
{
    char words[ATR_LINE_MAX];
    struct text text;
    bool readable = size > 0;
    text_start(&text, words, sizeof words);
    text_add(&text, "%s: ", what);
    text_add_hex(&text, bytes, size, " ");
    for (size_t i = 0; i < size; i++)
        readable = readable && bytes[i] >= 0x20 && bytes[i] < 0x7F;
    if (readable)
        text_add(&text, " (\"%.*s\")", (int)size, (const char *)bytes);
    sink->line(sink->context, words);
}

struct card_name {
    uint16_t number;
    const char *name;
};

/* PC/SC part 3 supplement, "Contactless ICCs", card names. */
static const struct card_name card_names[] = {
    {0x0001, "MIFARE Classic 1K"},
    {0x0002, "MIFARE Classic 4K"},
    {0x0003, "MIFARE Ultralight"},
    {0x0026, "MIFARE Mini"},
    {0x0036, "MIFARE Plus SL1 2K"},
    {0x0037, "MIFARE Plus SL1 4K"},
    {0x0038, "MIFARE Plus SL2 2K"},
    {0x0039, "MIFARE Plus SL2 4K"},
    {0x003A, "MIFARE Ultralight C"},
    {0x003B, "FeliCa"},
    {0x0014, "ICODE SLI"},
    {0x0030, "Topaz"},
    {0x002F, "Jewel"},
};

/* The record 4F 0C A0 00 00 03 06 SS NN NN ..., which readers make up for cards without
 * an ATR of their own. */
static bool say_storage_card(struct sink *sink, const uint8_t *bytes, size_t size)
{
    static const uint8_t start[] = {0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06};
    char words[ATR_LINE_MAX];
    struct text text;
    if (size < 11 || memcmp(bytes, start, sizeof start) != 0)
        return false;
    uint16_t number = (uint16_t)(bytes[9] << 8 | bytes[10]);
    const char *name = "of a kind without a name here";
    for (size_t i = 0; i < TEXT_COUNT(card_names); i++)
        if (card_names[i].number == number)
            name = card_names[i].name;
    text_start(&text, words, sizeof words);
    text_add(&text, "contactless storage card: %s (standard %02X, card %04X)", name,
             bytes[8], number);
    sink->line(sink->context, words);
    return true;
}

static void add_flag(struct text *text, bool flag, const char *words)
{
    if (flag)
        text_add(text, "%s%s", text->size > 0 ? ", " : "", words);
}

/* First software function table: how files are selected. */
static void say_selection(struct sink *sink, uint8_t byte)
{
    char words[ATR_LINE_MAX];
    char line[ATR_LINE_MAX];
    struct text text;
    text_start(&text, words, sizeof words);
    add_flag(&text, byte & 0x80, "full name");
    add_flag(&text, byte & 0x40, "partial name");
    add_flag(&text, byte & 0x20, "path");
    add_flag(&text, byte & 0x10, "file identifier");
    add_flag(&text, byte & 0x08, "implicitly");
    add_flag(&text, byte & 0x04, "short file identifier");
    add_flag(&text, byte & 0x02, "record number");
    add_flag(&text, byte & 0x01, "record identifier");
    if (text.size == 0)
        return;
    text_start(&text, line, sizeof line);
    text_add(&text, "selects by: %s", words);
    sink->line(sink->context, line);
}

/* Third software function table: the shapes of commands. */
static void say_commands(struct sink *sink, uint8_t byte)
{
    char words[ATR_LINE_MAX];
    struct text text;
    text_start(&text, words, sizeof words);
    text_add(&text, "commands: ");
    text_add(&text, byte & 0x40 ? "extended length" : "short length only");
    add_flag(&text, byte & 0x80, "chaining");
    add_flag(&text, byte & 0x20, "length limits in EF.ATR/INFO");
    if (byte & 0x18)
        text_add(&text, ", %u%s logical channel%s", (byte & 7U) + 1,
                 (byte & 7U) == 7 ? " or more" : "", (byte & 7U) == 0 ? "" : "s");
    sink->line(sink->context, words);
}

static void say_life(struct sink *sink, uint8_t life)
{
    const char *words = NULL;
    if (life >= 4 && life <= 7)
        words = life & 1 ? "life cycle: in operation" : "life cycle: deactivated";
    else if (life >= 12 && life <= 15)
        words = "life cycle: terminated";
    else if (life == 1)
        words = "life cycle: being created";
    else if (life == 3)
        words = "life cycle: being set up";
    if (words != NULL)
        sink->line(sink->context, words);
}

/* The status indicator: a life cycle byte, SW1-SW2, or both (12.1.1.11). */
static void say_status(struct sink *sink, const uint8_t *bytes, size_t size)
{
    if (size == 1 || size == 3)
        say_life(sink, bytes[0]);
    if (size >= 2) {
        char meaning[STATUS_WORDS_MAX];
        char words[ATR_LINE_MAX];
        struct text text;
        uint16_t sw = (uint16_t)(bytes[size - 2] << 8 | bytes[size - 1]);
        if (sw == 0x9000 || sw == 0)
            return; /* all is well, or nothing is said */
        status_words_write(sw, meaning);
        text_start(&text, words, sizeof words);
        text_add(&text, "status after reset: %04X, %s", sw, meaning);
        sink->line(sink->context, words);
    }
}

static void say_object(struct sink *sink, unsigned tag, const uint8_t *value, size_t size)
{
    static const char *const names[16] = {
        NULL,
        "country",
        "issuer",
        "services",
        "initial access",
        "issuer's data",
        "pre-issuing data",
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        "application",
    };
    if (tag == 7) {
        if (size >= 1)
            say_selection(sink, value[0]);
        if (size >= 3)
            say_commands(sink, value[2]);
    } else if (tag == 8) {
        say_status(sink, value, size);
    } else {
        say_bytes(sink, names[tag] != NULL ? names[tag] : "other data", value, size);
    }
}

/* COMPACT-TLV: tag and length share a byte. False if the lengths do not add up. */
static bool say_objects(struct sink *sink, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        unsigned tag = bytes[0] >> 4;
        size_t length = bytes[0] & 0xF;
        if (length > size - 1)
            return false;
        say_object(sink, tag, bytes + 1, length);
        bytes += 1 + length;
        size -= 1 + length;
    }
    return true;
}

void atr_history_write(const uint8_t *bytes, size_t size,
                       void (*line)(void *context, const char *words), void *context)
{
    struct sink sink = {line, context};
    if (size == 0)
        return;
    say_bytes(&sink, "historical bytes", bytes, size);
    if (say_storage_card(&sink, bytes, size))
        return;
    bool status_at_end = bytes[0] == 0x00 && size >= 4;
    if (bytes[0] != 0x80 && !status_at_end)
        return; /* the card maker's own format */
    size_t end = status_at_end ? size - 3 : size;
    if (!say_objects(&sink, bytes + 1, end - 1))
        line(context, "historical bytes: the lengths inside do not add up");
    if (status_at_end)
        say_status(&sink, bytes + end, 3);
}
