/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/card_names.h"

#include <string.h>

enum { ATR_MAX = 36 }; /* SCardListCards reads so many bytes */

/* The multi-string of the names, for SCardFreeMemory; NULL: none. */
static char *get_names(SCARDCONTEXT context, const uint8_t *atr, size_t size)
{
    BYTE padded[ATR_MAX] = {0};
    char *names = NULL;
    DWORD room = SCARD_AUTOALLOCATE;
    if (size == 0 || size > sizeof padded)
        return NULL;
    memcpy(padded, atr, size);
    if (SCardListCardsA(context, padded, NULL, 0, (LPSTR)(void *)&names, &room)
        != SCARD_S_SUCCESS)
        return NULL;
    return names;
}

void card_names_words(SCARDCONTEXT context, const uint8_t *atr, size_t size,
                      struct text *text)
{
    char *names = get_names(context, atr, size);
    const char *comma = "";
    for (const char *at = names; at != NULL && *at != '\0'; at += strlen(at) + 1) {
        text_add(text, "%s%s", comma, at);
        comma = ", ";
    }
    if (names != NULL)
        SCardFreeMemory(context, names);
}

void card_names_json(SCARDCONTEXT context, const uint8_t *atr, size_t size,
                     struct json *json, const char *key)
{
    char *names = get_names(context, atr, size);
    if (names == NULL)
        return;
    if (*names != '\0') {
        json_array(json, key);
        for (const char *at = names; *at != '\0'; at += strlen(at) + 1)
            json_string(json, NULL, at);
        json_end(json);
    }
    SCardFreeMemory(context, names);
}
