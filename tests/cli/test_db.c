/* SPDX-License-Identifier: BSD-2-Clause */
/* scard db as far as it needs no database: GUIDs, options that are repeated. What it does
 * with databases is run by tests/programs/db.sh. */
#include "cli/db/guid.h"
#include "cli/options.h"
#include "cli/text.h"

#include "tests/support/check.h"

#include <string.h>

#define TEXT "{01234567-89AB-CDEF-0123-456789ABCDEF}"

static void test_guid(void)
{
    static const uint8_t bytes[GUID_BYTES] = {0x67, 0x45, 0x23, 0x01, 0xAB, 0x89,
                                              0xEF, 0xCD, 0x01, 0x23, 0x45, 0x67,
                                              0x89, 0xAB, 0xCD, 0xEF};
    static const char *const good[] = {TEXT, "01234567-89ab-cdef-0123-456789abcdef",
                                       "{01234567-89aB-cDeF-0123-456789abcdef}"};
    static const char *const bad[] = {
        "",
        "{",
        "{}",
        "01234567",
        "0123456789ABCDEF0123456789ABCDEF",
        "{01234567-89AB-CDEF-0123-456789ABCDEF",
        "01234567-89AB-CDEF-0123-456789ABCDEF}",
        TEXT "x",
        "01234567-89AB-CDEF-0123-456789ABCDE",
        "01234567-89AB-CDEF-0123-456789ABCDEG",
        "0123456789AB-CDEF-0123-4567-89ABCDEF",
        "01 2345-89AB-CDEF-0123-456789ABCDEF",
        "0123456:-89AB-CDEF-0123-456789ABCDEF",
    };
    uint8_t guid[GUID_BYTES];
    char text[GUID_TEXT_MAX];
    for (size_t i = 0; i < TEXT_COUNT(good); i++) {
        memset(guid, 0, sizeof(guid));
        CHECK(guid_read(good[i], guid));
        CHECK(memcmp(guid, bytes, sizeof(bytes)) == 0);
    }
    for (size_t i = 0; i < TEXT_COUNT(bad); i++)
        CHECK(!guid_read(bad[i], guid));
    guid_write(bytes, text);
    CHECK_STR(text, TEXT);
}

static void test_repeated_options(void)
{
    static const struct option_spec own[] = {
        {OPTION_OWN, 'a', "all", "WHAT", "every one counts"},
        {0, 0, NULL, NULL, NULL},
    };
    static char *argv[OPTION_VALUES_MAX + 2];
    static char option[] = "-ax", first[] = "--all=first";
    struct options options = {.positional = NULL};
    argv[0] = first;
    for (size_t i = 1; i < TEXT_COUNT(argv); i++)
        argv[i] = option;
    CHECK(options_read(&options, OPTION_VALUES_MAX, argv, own, false));
    CHECK_EQ(options.value_count, OPTION_VALUES_MAX);
    CHECK_STR(options.values[0].text, "first");
    CHECK_EQ(options.values[1].id, OPTION_OWN);
    CHECK_STR(options.value[OPTION_OWN], "x");
    options = (struct options){.positional = NULL};
    CHECK(!options_read(&options, OPTION_VALUES_MAX + 1, argv, own, false));
}

int main(void)
{
    test_guid();
    test_repeated_options();
    return check_result();
}
