/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/setting.h"

#include "base/atomic.h"
#include "base/log.h"
#include "os/environment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 10 }; /* of UINT32_MAX */

#define WORDS(words)      SETTING_KIND_WORDS, 0, 0, words
#define NUMBERS(from, to) SETTING_KIND_NUMBER, from, to, ""
#define TEXTS(form)       SETTING_KIND_TEXT, 0, 0, form

static const struct setting_row rows[SETTING_COUNT] = {
#define SETTING(id, name, kind, otherwise, where, meaning)                               \
    [SETTING_##id] = {name, kind, otherwise, SETTING_FOR_##where, meaning},
#include "os/settings.def"
#undef SETTING
};

const struct setting_row *os_setting_row(enum setting setting)
{
    assert(setting < SETTING_COUNT);
    return &rows[setting];
}

const char *os_setting(enum setting setting)
{
    return os_getenv(os_setting_row(setting)->name);
}

const char *os_setting_unless_empty(enum setting setting)
{
    const char *value = os_setting(setting);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool is_in_range(const struct setting_row *row, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX || value[digits] != '\0')
        return false;
    unsigned long long number = strtoull(value, NULL, 10);
    return number >= row->lowest && number <= row->highest;
}

static bool is_word(const char *words, const char *value)
{
    size_t size = strlen(value);
    for (const char *at = words; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == size && memcmp(at, value, size) == 0)
            return true;
        at += word;
        at += strspn(at, " ");
    }
    return false;
}

bool os_setting_fits(enum setting setting, const char *value)
{
    const struct setting_row *row = os_setting_row(setting);
    switch (row->kind) {
    case SETTING_KIND_WORDS:
        return is_word(row->form, value);
    case SETTING_KIND_NUMBER:
        return is_in_range(row, value);
    case SETTING_KIND_TEXT:
        break;
    }
    return true;
}

uint32_t os_setting_number(enum setting setting, uint32_t otherwise)
{
    static uint32_t said[SETTING_COUNT];
    const struct setting_row *row = os_setting_row(setting);
    const char *value = os_setting_unless_empty(setting);
    assert(row->kind == SETTING_KIND_NUMBER);
    if (value == NULL)
        return otherwise;
    if (is_in_range(row, value))
        return (uint32_t)strtoul(value, NULL, 10);
    if (atomic_exchange_u32(&said[setting], 1) == 0)
        log_setting("%s: '%s' is not a number from %u to %u", row->name, value,
                    (unsigned)row->lowest, (unsigned)row->highest);
    return otherwise;
}
