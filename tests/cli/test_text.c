/* SPDX-License-Identifier: BSD-2-Clause */
/* The small parts of the tool: text and UTF-8, hex, JSON, options, error names. */
#include "cli/errors.h"
#include "cli/hex.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/text.h"

#include "cli/api.h"
#include "tests/support/check.h"

#include <stdlib.h>

/* What was written to a temporary file, then closes it. */
static const char *content(FILE *file)
{
    static char text[4096];
    rewind(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

static FILE *paper(void)
{
    FILE *file = tmpfile();
    if (file == NULL)
        abort();
    return file;
}

static void test_utf8(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        uint32_t code_point;
    } rows[] = {
        {"A", 1, 'A'},
        {"\xC3\xA9", 2, 0xE9},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xF0\x9F\x92\xB3", 4, 0x1F4B3},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\x80", 1, 0xFFFD},
        {"\xC0\xAF", 1, 0xFFFD},         /* overlong */
        {"\xE0\x80\xAF", 1, 0xFFFD},     /* overlong */
        {"\xED\xA0\x80", 1, 0xFFFD},     /* half of a surrogate pair */
        {"\xF4\x90\x80\x80", 1, 0xFFFD}, /* beyond the last one */
        {"\xE2\x82", 1, 0xFFFD},         /* cut off */
        {"\xC3", 1, 0xFFFD},
        {"\xFF", 1, 0xFFFD},
    };
    for (size_t i = 0; i < TEXT_COUNT(rows); i++) {
        uint32_t code_point = 0;
        CHECK_EQ(utf8_next(rows[i].bytes, &code_point), rows[i].size);
        CHECK_EQ(code_point, rows[i].code_point);
    }
}

static void test_print(void)
{
    FILE *file = paper();
    text_print(file, "R\xC3\xA9\x1B[2J\x80\xE2\x80\xAE.");
    CHECK_STR(content(file), "R\xC3\xA9?[2J\xEF\xBF\xBD?.");
    file = paper();
    text_print_width(file, "\xC3\xA9tat", 3);
    text_print_width(file, "x", 3);
    fputc('|', file);
    CHECK_STR(content(file), "\xC3\xA9tax  |");
}

static void test_builder(void)
{
    char room[8];
    struct text text;
    text_start(&text, room, sizeof room);
    text_add(&text, "%s", "abc");
    text_add(&text, "%s", "defghij");
    CHECK_STR(room, "abcdefg");
    CHECK_EQ(text.size, 7);
    text_add(&text, "more");
    CHECK_STR(room, "abcdefg");
    CHECK(text_contains("Gemalto PC Twin", "pc tw"));
    CHECK(text_contains("abc", ""));
    CHECK(!text_contains("abc", "bd"));
    CHECK(!text_contains("", "a"));
}

static void test_numbers(void)
{
    uint32_t number = 5;
    CHECK(text_number("0", 9, &number));
    CHECK_EQ(number, 0);
    CHECK(text_number("4294967295", UINT32_MAX, &number));
    CHECK_EQ(number, UINT32_MAX);
    CHECK(!text_number("4294967296", UINT32_MAX, &number));
    CHECK(!text_number("99999999999999999999999999", UINT32_MAX, &number));
    CHECK(!text_number("", 9, &number));
    CHECK(!text_number("-1", 9, &number));
    CHECK(!text_number("1 ", 9, &number));
    CHECK(!text_number("10", 9, &number));
}

static void test_hex(void)
{
    static const struct {
        const char *text;
        enum hex_result result;
        size_t size;
    } rows[] = {
        {"00A40400", HEX_OK, 4},
        {"00 a4:04-00", HEX_OK, 4},
        {"  00\tA4 0400\r\n", HEX_OK, 4},
        {"", HEX_EMPTY, 0},
        {"  ", HEX_EMPTY, 0},
        {"0", HEX_ODD, 0},
        {"00 A", HEX_ODD, 0},
        {"0 0", HEX_ODD, 0},
        {"0x00", HEX_OK, 1},
        {"0x00,0XA4", HEX_OK, 2},
        {"0x", HEX_NOT_HEX, 0},
        {"000x", HEX_NOT_HEX, 0},
        {"0xx0", HEX_NOT_HEX, 0},
        {"00G0", HEX_NOT_HEX, 0},
        {"select", HEX_NOT_HEX, 0},
        {"0001020304", HEX_TOO_LONG, 0},
    };
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x00};
    for (size_t i = 0; i < TEXT_COUNT(rows); i++) {
        uint8_t out[4] = {0};
        size_t size = 0;
        CHECK_EQ(hex_read(rows[i].text, out, sizeof out, &size), rows[i].result);
        CHECK_EQ(size, rows[i].size);
        if (rows[i].result == HEX_OK)
            CHECK_MEM(out, select, rows[i].size);
        CHECK(*hex_result_words(rows[i].result) != '\0');
    }
}

static void test_json(void)
{
    static const uint8_t bytes[] = {0x3B, 0x00, 0xFF};
    FILE *file = paper();
    struct json json;
    json_start(&json, file);
    json_object(&json, NULL);
    json_string(&json, "a\"b\\", "x\n\t\x01\"\\/\x7F\xC3\xA9\x80");
    json_array(&json, "list");
    json_number(&json, NULL, UINT64_MAX);
    json_bool(&json, NULL, true);
    json_null(&json, NULL);
    json_object(&json, NULL);
    json_end(&json);
    json_array(&json, NULL);
    json_end(&json);
    json_end(&json);
    json_hex(&json, "h", bytes, sizeof bytes);
    json_hex(&json, "e", bytes, 0);
    json_end_to(&json, 0);
    json_object(&json, NULL);
    json_end_to(&json, 0);
    json_end_to(&json, 0);
    CHECK_STR(
        content(file),
        "{\"a\\\"b\\\\\":\"x\\n\\t\\u0001\\\"\\\\/\\u007F\xC3\xA9\xEF\xBF\xBD\","
        "\"list\":[18446744073709551615,true,null,{},[]],\"h\":\"3B00FF\",\"e\":\"\"}\n"
        "{}\n");
}

static const struct option_spec own[] = {
    {OPTION_OWN, 'f', "file", "FILE", "a file"},
    {OPTION_OWN + 1, 'x', "exclusive", NULL, "alone"},
    {0, 0, NULL, NULL, NULL},
};

static bool read_options(struct options *options, const char *line, bool stop)
{
    static char copy[200];
    static char *words[20];
    int count = 0;
    struct text text;
    text_start(&text, copy, sizeof copy);
    text_add(&text, "%s", line);
    for (char *at = copy; *at != '\0' && count < 20;) {
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at == ' ')
            *at++ = '\0';
    }
    memset(options, 0, sizeof *options);
    return options_read(options, count, words, own, stop);
}

static void test_options(void)
{
    struct options options;
    CHECK(read_options(&options, "one -xf name two --json --reader=A - -- -x", false));
    CHECK_EQ(options.positional_count, 4);
    CHECK_STR(options.positional[0], "one");
    CHECK_STR(options.positional[1], "two");
    CHECK_STR(options.positional[2], "-");
    CHECK_STR(options.positional[3], "-x");
    CHECK_STR(options.value[OPTION_OWN], "name");
    CHECK_STR(options.value[OPTION_READER], "A");
    CHECK(options.given[OPTION_OWN + 1] && options.given[OPTION_JSON]);
    CHECK(!options.given[OPTION_HELP]);
    CHECK(read_options(&options, "-fname --file other", false));
    CHECK_STR(options.value[OPTION_OWN], "other");
    CHECK(read_options(&options, "-j list -x", true));
    CHECK_EQ(options.positional_count, 2);
    CHECK(options.given[OPTION_JSON] && !options.given[OPTION_OWN + 1]);
    CHECK_STR(options.fault, "");
}

static void test_wrong_options(void)
{
    static const char *const wrong[] = {"--nothing", "-z",      "--file", "-f",
                                        "--json=1",  "--fil x", "--=x",   "-xz"};
    for (size_t i = 0; i < TEXT_COUNT(wrong); i++) {
        struct options options;
        CHECK(!read_options(&options, wrong[i], false));
        CHECK(strstr(options.fault, " (see --help)") != NULL);
    }
}

static void test_errors(void)
{
    CHECK_STR(error_name((uint32_t)SCARD_E_TIMEOUT), "SCARD_E_TIMEOUT");
    CHECK_STR(error_name(0x80100069), "SCARD_W_REMOVED_CARD");
    CHECK_STR(error_name(0x8010002E), "SCARD_E_NO_READERS_AVAILABLE");
    CHECK_STR(error_name(6), "ERROR_INVALID_HANDLE");
    CHECK(error_name(0x80109999) == NULL);
    CHECK(*error_words(0x80109999) != '\0');
    for (uint32_t code = 0x80100001; code <= 0x80100031; code++)
        CHECK(error_name(code) != NULL);
    for (uint32_t code = 0x80100065; code <= 0x80100072; code++)
        CHECK(error_name(code) != NULL);
}

int main(void)
{
    test_utf8();
    test_print();
    test_builder();
    test_numbers();
    test_hex();
    test_json();
    test_options();
    test_wrong_options();
    test_errors();
    return check_result();
}
