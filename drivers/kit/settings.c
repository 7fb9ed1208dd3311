/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of a reader URI. */
#include "drivers/kit/settings.h"

#include "base/log.h"
#include "base/secret.h"
#include "base/uri.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { SETTINGS_MAX = 16, TEXT_MAX = 256, REASON_MAX = 128 };

enum sc_error kit_settings_refuse(const char *uri, const char *what, const char *wanted)
{
    log_error("%.*s: %s is not %s", (int)strcspn(uri, ":"), uri, what, wanted);
    return SC_E_INVALID_VALUE;
}

static enum sc_error refuse_setting(const char *uri, const struct kit_setting *setting)
{
    char what[REASON_MAX], range[REASON_MAX];
    snprintf(what, sizeof(what), "parameter %s", setting->key);
    snprintf(range, sizeof(range), "a number from %u to %u", (unsigned)setting->min,
             (unsigned)setting->max);
    return kit_settings_refuse(uri,
                               setting->key[0] != '\0' ? what : "what follows the colon",
                               setting->wanted != NULL ? setting->wanted : range);
}

static bool find_choice(const struct kit_setting *setting, const char *text, void *value)
{
    uint32_t found = 0;
    while (setting->words[found] != NULL && strcmp(text, setting->words[found]) != 0)
        found++;
    if (setting->words[found] == NULL)
        return false;
    assert(setting->kind == KIT_WORD || found < 2);
    if (setting->kind == KIT_BOOL)
        *(bool *)value = found != 0;
    else
        *(uint32_t *)value = setting->min + found;
    return true;
}

static bool write_setting(const struct kit_setting *setting, const char *text,
                          void *value)
{
    switch (setting->kind) {
    case KIT_NUMBER:
        return uri_parse_number(text, setting->min, setting->max, value) == SC_OK;
    case KIT_WORD:
    case KIT_BOOL:
        return find_choice(setting, text, value);
    case KIT_TEXT:
        assert(setting->max > 0);
        if (strlen(text) >= setting->max)
            return false;
        memcpy(value, text, strlen(text) + 1);
        return true;
    case KIT_PARSED:
        return setting->parse(text, value);
    }
    return false;
}

static enum sc_error get_setting_text(const char *uri, const char *key,
                                      char text[TEXT_MAX])
{
    if (key[0] != '\0')
        return uri_get_text(uri, key, text, TEXT_MAX);
    enum sc_error error = uri_get_path(uri, text, TEXT_MAX);
    return error == SC_OK && text[0] == '\0' ? SC_E_FILE_NOT_FOUND : error;
}

static enum sc_error check_keys(const char *uri, const struct kit_setting *table)
{
    const char *keys[SETTINGS_MAX + 1] = {NULL};
    char unknown[64];
    size_t count = 0;
    for (; table->key != NULL; table++) {
        assert(count < SETTINGS_MAX);
        if (table->key[0] != '\0' && count < SETTINGS_MAX)
            keys[count++] = table->key;
    }
    if (uri_check_keys(uri, keys, unknown, sizeof(unknown)) == SC_OK)
        return SC_OK;
    return kit_settings_refuse(uri, unknown, "a parameter");
}

enum sc_error kit_settings_read(const char *uri, const struct kit_setting *table,
                                void *values)
{
    char text[TEXT_MAX];
    enum sc_error error = check_keys(uri, table);
    for (; error == SC_OK && table->key != NULL; table++) {
        uint8_t *value = (uint8_t *)values + table->offset;
        error = get_setting_text(uri, table->key, text);
        if (error == SC_E_FILE_NOT_FOUND)
            error = SC_OK;
        else if (error != SC_OK || !write_setting(table, text, value))
            error = refuse_setting(uri, table);
    }
    secret_clear(text, sizeof(text));
    return error;
}
