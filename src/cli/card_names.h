/* SPDX-License-Identifier: BSD-2-Clause */
/* What the smart card database calls a card: the types whose ATR and mask fit. */
#ifndef CLI_CARD_NAMES_H
#define CLI_CARD_NAMES_H

#include "cli/api.h"
#include "cli/json.h"
#include "cli/text.h"

/* "YubiKey 5, Other card"; nothing is added if no type fits, or the database cannot be
 * read. An ATR of no bytes fits none. */
void card_names_words(SCARDCONTEXT context, const uint8_t *atr, size_t size,
                      struct text *text);
/* The same as an array of JSON, if a type fits. */
void card_names_json(SCARDCONTEXT context, const uint8_t *atr, size_t size,
                     struct json *json, const char *key);

#endif
