/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/apdu_pin.h"

#include "cli/hex.h"
#include "cli/platform.h"
#include "cli/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FILLED_BYTES = 8, PINS_MAX = 4 };

bool apdu_pin_wanted(const char *text)
{
    return strstr(text, "PIN") != NULL;
}

static enum apdu_pin_result ask_for_pin(struct apdu_pin *pin)
{
    if (pin->asked)
        return APDU_PIN_OK;
    if (!platform_read_secret("PIN: ", pin->typed, sizeof pin->typed)
        || pin->typed[0] == '\0')
        return APDU_PIN_NO_TERMINAL;
    if (strlen(pin->typed) > APDU_PIN_MAX)
        return APDU_PIN_LONG;
    pin->asked = true;
    return APDU_PIN_OK;
}

/* Lc and the bytes of one word. */
static bool add_pin(const struct apdu_pin *pin, bool filled, struct text *text)
{
    size_t size = strlen(pin->typed);
    assert(pin->asked && size <= APDU_PIN_MAX);
    if (filled && size > FILLED_BYTES)
        return false;
    text_add(text, " %02X ", filled ? FILLED_BYTES : (unsigned)size);
    text_add_hex(text, (const uint8_t *)pin->typed, size, "");
    for (; filled && size < FILLED_BYTES; size++)
        text_add(text, "FF");
    text_add(text, " ");
    return true;
}

enum apdu_pin_result apdu_pin_fill(struct apdu_pin *pin, const char *text, char **filled)
{
    size_t room = strlen(text) + (size_t)PINS_MAX * (2 * APDU_PIN_MAX + 8) + 1;
    const char *word;
    struct text out;
    enum apdu_pin_result result = ask_for_pin(pin);
    *filled = NULL;
    if (result != APDU_PIN_OK)
        return result;
    char *copy = malloc(room);
    if (copy == NULL)
        return APDU_PIN_MEMORY;
    text_start(&out, copy, room);
    for (int i = 0; i < PINS_MAX && (word = strstr(text, "PIN")) != NULL; i++) {
        bool eight = word[3] == '8';
        text_add(&out, "%.*s", (int)(word - text), text);
        if (!add_pin(pin, eight, &out)) {
            hex_wipe(copy, room);
            free(copy);
            return APDU_PIN_LONG;
        }
        text = word + (eight ? 4 : 3);
    }
    text_add(&out, "%s", text);
    *filled = copy;
    return APDU_PIN_OK;
}

const char *apdu_pin_words(enum apdu_pin_result result)
{
    switch (result) {
    case APDU_PIN_NO_TERMINAL:
        return "no PIN was typed, or there is no terminal to ask for it";
    case APDU_PIN_LONG:
        return "the PIN is too long";
    case APDU_PIN_MEMORY:
        return "no memory for the command";
    case APDU_PIN_OK:
        break;
    }
    return "all is well";
}
