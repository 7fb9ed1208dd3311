/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings: what is set, what counts as not set, and values that are not taken. */
#include "os/setting.h"

#include "base/log.h"
#include "tests/support/check.h"

#include <stdlib.h>

static unsigned said;
static char last_line[LOG_LINE_MAX];

static void note_line(enum log_level level, const char *line)
{
    CHECK_EQ(level, LOG_OFF);
    (void)snprintf(last_line, sizeof(last_line), "%s", line);
    said++;
}

static void set(enum setting setting, const char *value)
{
    CHECK_EQ(setenv(os_setting_row(setting)->name, value, 1), 0);
}

static void unset(enum setting setting)
{
    CHECK_EQ(unsetenv(os_setting_row(setting)->name), 0);
}

static void test_table(void)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        const struct setting_row *row = os_setting_row((enum setting)i);
        CHECK(row->name[0] != '\0' && row->meaning[0] != '\0');
        CHECK(row->kind == SETTING_KIND_NUMBER ? row->lowest < row->highest
                                               : row->form[0] != '\0');
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(os_setting_row((enum setting)k)->name, row->name) != 0);
    }
    CHECK_STR(os_setting_row(SETTING_READERS)->name, "WINSCARD_READERS");
}

static void test_text(void)
{
    set(SETTING_READERS, "soft:");
    CHECK_STR(os_setting(SETTING_READERS), "soft:");
    CHECK_STR(os_setting_unless_empty(SETTING_READERS), "soft:");
    set(SETTING_READERS, "");
    CHECK_STR(os_setting(SETTING_READERS), "");
    CHECK(os_setting_unless_empty(SETTING_READERS) == NULL);
    unset(SETTING_READERS);
    CHECK(os_setting(SETTING_READERS) == NULL);
    CHECK(os_setting_unless_empty(SETTING_READERS) == NULL);
}

static void test_number(void)
{
    static const char *const wrong[] = {"x",  "5x", "-1",         "+1",         " 1",
                                        "1 ", "0x", "4294967296", "99999999999"};
    unset(SETTING_POWER_OFF_MS);
    CHECK_EQ(os_setting_number(SETTING_POWER_OFF_MS, 7), 7);
    set(SETTING_POWER_OFF_MS, "");
    CHECK_EQ(os_setting_number(SETTING_POWER_OFF_MS, 7), 7);
    set(SETTING_POWER_OFF_MS, "0");
    CHECK_EQ(os_setting_number(SETTING_POWER_OFF_MS, 7), 0);
    set(SETTING_POWER_OFF_MS, "4294967295");
    CHECK_EQ(os_setting_number(SETTING_POWER_OFF_MS, 7), UINT32_MAX);
    CHECK_EQ(said, 0);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        set(SETTING_POWER_OFF_MS, wrong[i]);
        CHECK_EQ(os_setting_number(SETTING_POWER_OFF_MS, 7), 7);
        CHECK_EQ(said, 1); /* not again */
    }
    CHECK_STR(last_line,
              "WINSCARD_POWER_OFF_MS: 'x' is not a number from 0 to 4294967295");
    set(SETTING_TRANSACTION_STRICT, "2");
    CHECK_EQ(os_setting_number(SETTING_TRANSACTION_STRICT, 0), 0);
    CHECK_EQ(said, 2);
}

static void test_fits(void)
{
    CHECK(os_setting_fits(SETTING_CARRIER, "auto"));
    CHECK(os_setting_fits(SETTING_CARRIER, "pcscd"));
    CHECK(!os_setting_fits(SETTING_CARRIER, "pcsc"));
    CHECK(!os_setting_fits(SETTING_CARRIER, "auto local"));
    CHECK(!os_setting_fits(SETTING_CARRIER, ""));
    CHECK(os_setting_fits(SETTING_TRANSACTION_STRICT, "1"));
    CHECK(!os_setting_fits(SETTING_TRANSACTION_STRICT, "2"));
    CHECK(!os_setting_fits(SETTING_TRANSACTION_STRICT, ""));
    CHECK(os_setting_fits(SETTING_TRACE, "/any/file"));
}

int main(void)
{
    log_set_sink(note_line);
    test_table();
    test_text();
    test_number();
    test_fits();
    return check_result();
}
