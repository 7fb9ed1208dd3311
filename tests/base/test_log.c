/* SPDX-License-Identifier: BSD-2-Clause */
/* Logging: levels, the limit of a line, and what is replaced in it. */
#include "base/log.h"

#include "tests/support/check.h"

static unsigned line_count;
static enum log_level last_level;
static char last_line[2 * LOG_LINE_MAX];

static void keep(enum log_level level, const char *line)
{
    line_count++;
    last_level = level;
    CHECK(strlen(line) < LOG_LINE_MAX);
    CHECK(snprintf(last_line, sizeof(last_line), "%s", line) >= 0);
}

static void log_all(void)
{
    log_error("%s", "error");
    log_info("%s", "info");
    log_debug("%s", "debug");
    log_trace("%s", "trace");
}

static void test_levels(void)
{
    static const char *const last[] = {"", "error", "info", "debug", "trace"};
    log_set_sink(keep);
    for (unsigned level = LOG_OFF; level <= LOG_TRACE; level++) {
        if (level != LOG_OFF) /* off is how a program starts */
            log_set_level((enum log_level)level);
        line_count = 0;
        log_all();
        CHECK_EQ(line_count, level);
        CHECK_STR(last_line, last[level]);
        CHECK_EQ(last_level, level);
        for (unsigned other = LOG_ERROR; other <= LOG_TRACE; other++)
            CHECK_EQ(log_is_on((enum log_level)other), other <= level);
    }
    log_set_level(LOG_OFF);
    line_count = 0;
    log_all();
    CHECK_EQ(line_count, 0);
}

static unsigned evaluated;

static const char *evaluate(void)
{
    evaluated++;
    return "x";
}

static void test_limit(void)
{
    char text[2 * LOG_LINE_MAX];
    memset(text, 'a', sizeof(text));
    log_set_level(LOG_ERROR);
    for (size_t size = LOG_LINE_MAX - 2; size <= LOG_LINE_MAX + 1; size++) {
        log_error("%.*s", (int)size, text);
        CHECK_EQ(strlen(last_line), size < LOG_LINE_MAX ? size : LOG_LINE_MAX - 1);
    }
    line_count = 0;
    log_error("%s", evaluate());
    CHECK_EQ(evaluated, 1); /* not twice by a macro */
    CHECK_EQ(line_count, 1);
}

static void test_controls(void)
{
    char text[0x80];
    char want[0x80];
    for (int c = 1; c < 0x80; c++) {
        text[c - 1] = (char)c;
        want[c - 1] = (char)(c < 0x20 || c == 0x7F ? '?' : c);
    }
    text[0x7F] = want[0x7F] = '\0';
    log_error("%s", text);
    CHECK_STR(last_line, want);
    log_error("a\xC2\x80z\xC2\x9B[2J\xC2\x9F");
    CHECK_STR(last_line, "a??z??[2J??");
    log_error("\xC2\xA0 \xC3\x9B \xE2\x82\xAC \xF0\x9F\x82\xA1"); /* these may stay */
    CHECK_STR(last_line, "\xC2\xA0 \xC3\x9B \xE2\x82\xAC \xF0\x9F\x82\xA1");
    log_error("cut\xC2");
    CHECK_STR(last_line, "cut\xC2");
    log_error("%s", "");
    CHECK_STR(last_line, "");
}

static void test_names(void)
{
    CHECK(log_set_level_by_name("info"));
    CHECK(log_is_on(LOG_INFO) && !log_is_on(LOG_DEBUG));
    CHECK(!log_set_level_by_name("Info") && !log_set_level_by_name(NULL)
          && !log_set_level_by_name(""));
    CHECK(log_is_on(LOG_INFO));
    CHECK(log_set_level_by_name("trace") && log_is_on(LOG_TRACE));
    CHECK(log_set_level_by_name("off") && !log_is_on(LOG_ERROR));
}

static void test_setting(void)
{
    log_set_level(LOG_ERROR);
    last_line[0] = '\0';
    log_take_setting(NULL);
    log_take_setting("");
    log_take_setting("info");
    CHECK(log_is_on(LOG_INFO));
    CHECK_STR(last_line, "");
    log_take_setting("off"); /* what is wrong with a setting is said then, too */
    log_take_setting("verbose\n");
    CHECK_STR(last_line,
              "WINSCARD_LOG: 'verbose?' is not a level; off, error, info, debug and "
              "trace are");
    CHECK(!log_is_on(LOG_ERROR));
    last_line[0] = '\0';
    log_take_setting("loud");
    CHECK_STR(last_line, "");
}

int main(void)
{
    test_levels();
    test_limit();
    test_controls();
    test_names();
    test_setting();
    return check_result();
}
