/* SPDX-License-Identifier: BSD-2-Clause */
/* .reg files: what regedit writes, in each encoding; what is broken, with its line; and
 * what is written is read again as it was. */
#include "tests/support/check.h"

#include "base/alloc.h"
#include "base/utf.h"
#include "database/reg.h"

#include <stdlib.h>

#define V5 "Windows Registry Editor Version 5.00\r\n"

/* What was read, as one text: a line for each item. */
static char said[8192];
static size_t said_size;
static uint32_t stop_at; /* the item that is refused; 0: none */

static void say(const char *text, size_t size)
{
    if (size < sizeof(said) - said_size) {
        memcpy(said + said_size, text, size);
        said_size += size;
        said[said_size] = '\0';
    }
}

static void say_text(const char *text)
{
    say(text, strlen(text));
}

static enum sc_error take(void *context, const struct reg_item *item)
{
    static const char *const kinds[] = {"K ", "-K ", "V ", "-V "};
    char text[40];
    CHECK(context == said);
    if (stop_at != 0 && --stop_at == 0)
        return SC_E_NO_ACCESS;
    snprintf(text, sizeof(text), "%u ", (unsigned)item->line);
    say_text(text);
    say_text(kinds[item->kind]);
    say_text(item->name != NULL ? item->name : item->key);
    if (item->kind == REG_ITEM_VALUE) {
        snprintf(text, sizeof(text), " %u=", (unsigned)item->type);
        say_text(text);
        bool plain = item->type == REG_TYPE_TEXT || item->type == REG_TYPE_EXPAND;
        if (plain)
            CHECK_EQ(item->bytes[item->size], 0);
        for (size_t i = 0; i < item->size; i++) {
            char c = (char)item->bytes[i];
            snprintf(text, sizeof(text), "%02x", (unsigned)item->bytes[i]);
            if (plain)
                say(&c, 1);
            else if (item->type == REG_TYPE_TEXTS)
                say(c != '\0' ? &c : "|", 1);
            else
                say_text(text);
        }
    }
    say_text("\n");
    return SC_OK;
}

static enum sc_error read_bytes(const void *bytes, size_t size, uint32_t *line)
{
    said[0] = '\0';
    said_size = 0;
    uint8_t *exact = malloc(size != 0 ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size);
    *line = 4711;
    enum sc_error error = reg_read(exact, size, take, said, line);
    free(exact);
    return error;
}

static void check_says(const char *text, const char *want)
{
    uint32_t line;
    CHECK_EQ(read_bytes(text, strlen(text), &line), SC_OK);
    CHECK_EQ(line, 0);
    CHECK_STR(said, want);
}

static void check_broken(const char *text, uint32_t want)
{
    uint32_t line;
    enum sc_error error = read_bytes(text, strlen(text), &line);
    CHECK_EQ(error, SC_E_INVALID_VALUE);
    CHECK_EQ(line, want);
    if (error != SC_E_INVALID_VALUE || line != want)
        fprintf(stderr, "in: %s\n", text);
}

static const char sample[] = V5 "\r\n"
                                "; a comment\r\n"
                                "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A [x] Card]\r\n"
                                "@=\"own\"\r\n"
                                "\"ATR\"=hex:3b,65,00,\\\r\n"
                                "  9c,02\r\n"
                                "\"A \\\"b\\\" \\\\c\"=\"d\\\\e\\\"f\" ; behind\r\n"
                                "\"n\"=dword:0000beef\r\n"
                                "\"e\"=hex(2):25,00,41,00,e4,00,00,00\r\n"
                                "\"m\"=hex(7):61,00,00,00,62,00,63,00,00,00,00,00\r\n"
                                "\"q\"=hex(b):01,00,00,00,00,00,00,00\r\n"
                                "\"gone\"=-\r\n"
                                "\r\n"
                                "[-HKEY_CURRENT_USER\\Old]\r\n"
                                "[Last]";
static const char sample_says[] = "4 K HKEY_LOCAL_MACHINE\\SOFTWARE\\A [x] Card\n"
                                  "5 V  1=own\n"
                                  "6 V ATR 3=3b65009c02\n"
                                  "8 V A \"b\" \\c 1=d\\e\"f\n"
                                  "9 V n 4=efbe0000\n"
                                  "10 V e 2=%A\xC3\xA4\n"
                                  "11 V m 7=a|bc||\n"
                                  "12 V q 11=0100000000000000\n"
                                  "13 -V gone\n"
                                  "15 -K HKEY_CURRENT_USER\\Old\n"
                                  "16 K Last\n";

/* The same text in UTF-16LE with its mark. */
static size_t make_wide(const char *text, uint8_t *out)
{
    static uint16_t units[8192];
    size_t count;
    CHECK_EQ(utf8_to_utf16(text, strlen(text), units, ARRAY_SIZE(units), &count), SC_OK);
    out[0] = 0xFF;
    out[1] = 0xFE;
    for (size_t i = 0; i < count; i++) {
        out[2 + 2 * i] = (uint8_t)(units[i] & 0xFF);
        out[3 + 2 * i] = (uint8_t)(units[i] >> 8);
    }
    return 2 + 2 * count;
}

static void test_encodings(void)
{
    static uint8_t wide[16384];
    static char text[8192];
    uint32_t line;
    check_says(sample, sample_says);
    snprintf(text, sizeof(text), "\xEF\xBB\xBF%s", sample);
    check_says(text, sample_says);
    size_t size = make_wide(sample, wide);
    CHECK_EQ(read_bytes(wide, size, &line), SC_OK);
    CHECK_STR(said, sample_says);
    /* LF alone. */
    size_t kept = 0;
    for (size_t i = 0; i <= strlen(sample); i++)
        if (sample[i] != '\r')
            text[kept++] = sample[i];
    check_says(text, sample_says);
    /* Names beyond ASCII, with a surrogate pair. */
    size = make_wide(
        V5 "[K\xC3\xA4rte \xF0\x9F\x98\x80]\r\n\"\xE2\x82\xAC\"=\"\xC3\xB6\"\r\n", wide);
    CHECK_EQ(read_bytes(wide, size, &line), SC_OK);
    CHECK_STR(said, "2 K K\xC3\xA4rte \xF0\x9F\x98\x80\n3 V \xE2\x82\xAC 1=\xC3\xB6\n");
    /* An odd byte, a lone surrogate, a NUL. */
    CHECK_EQ(read_bytes(wide, size - 1, &line), SC_E_INVALID_VALUE);
    CHECK_EQ(line, 3);
    size = make_wide(V5 "\r\n[a]\r\n", wide);
    wide[size - 5] = 0xD8;
    CHECK_EQ(read_bytes(wide, size, &line), SC_E_INVALID_VALUE);
    CHECK_EQ(line, 3);
    size = make_wide(V5 "\r\n[a]\r\n", wide);
    wide[size - 6] = 0;
    CHECK_EQ(read_bytes(wide, size, &line), SC_E_INVALID_VALUE);
    CHECK_EQ(line, 3);
    check_broken("\xEF\xBB\xBF" V5 "[a]\n[\xFF]\n", 3);
}

static void test_regedit4(void)
{
    check_says("REGEDIT4\n\n[a]\n\"t\"=hex(2):25,41,00\n\"m\"=hex(7):61,00,62,00,00\n",
               "3 K a\n4 V t 2=%A\n5 V m 7=a|b||\n");
    check_says("REGEDIT4\n[B\xE9lier]\n", "2 K B\xC3\xA9lier\n"); /* ISO 8859-1 */
    check_says("REGEDIT4\n[B\xC3\xA9lier]\n", "2 K B\xC3\xA9lier\n");
    check_says("REGEDIT4\n[a]\n\"t\"=hex(1):e9\n", "2 K a\n3 V t 1=\xC3\xA9\n");
}

static void test_leniency(void)
{
    check_says(V5, "");
    check_says("REGEDIT4", "");
    check_says(V5 "  [a]  ; c\n\t\"b\" = hex:1,2 , 3,\\ \n ; between\n  04 \n"
                  "\"c\"=hex:\n\"d\"=hex(7):\n\"e\"=dword:F\n\"f\"=\"\"\n\"g\"=hex:05,\n",
               "2 K a\n3 V b 3=01020304\n6 V c 3=\n7 V d 7=|\n8 V e 4=0f000000\n"
               "9 V f 1=\n10 V g 3=05\n");
    /* regedit writes line ends within a text as they are. */
    check_says(V5 "[a]\n\"x\"=\"1\n2\"\n\"y\"=\"3\\n4\"\n\"z\"=-\n",
               "2 K a\n3 V x 1=1\n2\n5 V y 1=3\n4\n6 -V z\n");
    /* Texts: unended, empty ones in between, text behind the NUL. */
    check_says(V5 "[a]\n\"m\"=hex(7):00,00,61,00,00,00,00,00,62,00\n"
                  "\"t\"=hex(1):61,00,00,00,62,00\n",
               "2 K a\n3 V m 7=a|b||\n4 V t 1=a\n");
}

static void test_broken(void)
{
    static const struct {
        const char *text;
        uint32_t line;
    } cases[] = {
        {"", 1},
        {"\n" V5, 1},
        {"REGEDIT5\n", 1},
        {"REGEDIT4x\n", 1},
        {"Windows Registry Editor Version 5.0\n", 1},
        {V5 "\"a\"=\"b\"\n", 2},
        {V5 "[-a]\n\"a\"=\"b\"\n", 3},
        {V5 "\n[a\n", 3},
        {V5 "[]\n", 2},
        {V5 "[-]\n", 2},
        {V5 "[a] b\n", 2},
        {V5 "[a]\nb=\"c\"\n", 3},
        {V5 "[a]\n\"b\"\n", 3},
        {V5 "[a]\n\"b\"=\n", 3},
        {V5 "[a]\n\"b\"=c\n", 3},
        {V5 "[a]\n\"b\"=\"c\n\n\n", 3},
        {V5 "[a]\n\"b\"=\"c\" d\n", 3},
        {V5 "[a]\n\"b\"=\"\\x\"\n", 3},
        {V5 "[a]\n\"b\"=-1\n", 3},
        {V5 "[a]\n\"b\"=dword:\n", 3},
        {V5 "[a]\n\"b\"=dword:123456789\n", 3},
        {V5 "[a]\n\"b\"=dword:1g\n", 3},
        {V5 "[a]\n\"b\"=hex\n", 3},
        {V5 "[a]\n\"b\"=hex():1\n", 3},
        {V5 "[a]\n\"b\"=hex(z):1\n", 3},
        {V5 "[a]\n\"b\"=hex(7:1\n", 3},
        {V5 "[a]\n\"b\"=hex:123\n", 3},
        {V5 "[a]\n\"b\"=hex:gg\n", 3},
        {V5 "[a]\n\"b\"=hex:01,\\x\n", 3},
        {V5 "[a]\n\"b\"=hex:01\\\n02\n", 3},
        {V5 "[a]\n\"b\"=hex:01,\\\n\"c\"=-\n", 3},
        {V5 "[a]\n\"b\"=hex(1):61\n", 3},
        {V5 "[a]\n\"b\"=hex(1):00,d8\n", 3},
        {V5 "[a]\n\"b\"=hex(4):1,2\n", 3},
        {V5 "[a]\n\n; c\nnonsense\n[b]\n", 5},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        check_broken(cases[i].text, cases[i].line);
}

/* Every prefix ends in one of the documented errors. */
static void test_prefixes(void)
{
    uint32_t line;
    for (size_t size = 0; size < sizeof(sample); size++) {
        enum sc_error error = read_bytes(sample, size, &line);
        CHECK(error == SC_OK || error == SC_E_INVALID_VALUE);
        CHECK((error == SC_OK) == (line == 0));
    }
}

static void test_limits(void)
{
    static char text[3 * REG_VALUE_LIMIT + 200];
    uint32_t line;
    size_t size = (size_t)snprintf(text, sizeof(text), V5 "[a]\n\"b\"=hex:");
    for (size_t i = 0; i < REG_VALUE_LIMIT; i++, size += 3)
        memcpy(text + size, "7f,", 3);
    said_size = sizeof(said);
    memcpy(text + size, "\n", 2);
    CHECK_EQ(read_bytes(text, size + 1, &line), SC_OK);
    memcpy(text + size, "7\n", 3);
    CHECK_EQ(read_bytes(text, size + 2, &line), SC_E_NO_MEMORY);
    CHECK_EQ(line, 3);
    size = (size_t)snprintf(text, sizeof(text), V5 "[%0*d]", REG_KEY_LIMIT - 1, 0);
    CHECK_EQ(read_bytes(text, size, &line), SC_OK);
    size = (size_t)snprintf(text, sizeof(text), V5 "[%0*d]", REG_KEY_LIMIT, 0);
    CHECK_EQ(read_bytes(text, size, &line), SC_E_NO_MEMORY);
    CHECK_EQ(line, 2);
    size = (size_t)snprintf(text, sizeof(text), V5 "[a]\n\"%0*d\"=-", REG_NAME_LIMIT, 0);
    CHECK_EQ(read_bytes(text, size, &line), SC_E_NO_MEMORY);
    CHECK_EQ(reg_read((const uint8_t *)"", (size_t)REG_FILE_LIMIT + 1, take, said, &line),
             SC_E_NO_MEMORY);
}

/* --- Writing ------------------------------------------------------------------------ */

static char written[16384];
static size_t written_size;

static void put(void *context, const char *text, size_t size)
{
    CHECK(context == written);
    if (size < sizeof(written) - written_size) {
        memcpy(written + written_size, text, size);
        written_size += size;
        written[written_size] = '\0';
    }
}

static enum sc_error write_taken(void *context, const struct reg_item *item)
{
    return reg_write_item(item, put, context);
}

static void check_round(const char *text)
{
    static char first[sizeof(said)];
    uint32_t line;
    CHECK_EQ(read_bytes(text, strlen(text), &line), SC_OK);
    /* Lines differ: what counts is behind their numbers. */
    memcpy(first, said, sizeof(said));
    written_size = 0;
    reg_write_header(put, written);
    CHECK_EQ(reg_read((const uint8_t *)text, strlen(text), write_taken, written, NULL),
             SC_OK);
    CHECK_EQ(read_bytes(written, written_size, &line), SC_OK);
    const char *a = first, *b = said;
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        while (*a >= '0' && *a <= '9')
            a++;
        while (*b >= '0' && *b <= '9')
            b++;
        if (*a != *b)
            break;
    }
    CHECK_STR(a, b);
}

static void test_writing(void)
{
    static const uint8_t bytes[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                    10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
                                    20, 21, 22, 23, 24, 25, 26, 27};
    struct reg_item key = {.kind = REG_ITEM_KEY, .key = "HKEY_CURRENT_USER\\A"};
    struct reg_item value = {
        .kind = REG_ITEM_VALUE, .name = "ATR", .type = REG_TYPE_BINARY};
    value.bytes = bytes;
    value.size = sizeof(bytes);
    written_size = 0;
    reg_write_header(put, written);
    CHECK_EQ(reg_write_item(&key, put, written), SC_OK);
    CHECK_EQ(reg_write_item(&value, put, written), SC_OK);
    CHECK_STR(written,
              V5 "\r\n[HKEY_CURRENT_USER\\A]\r\n"
                 "\"ATR\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,"
                 "11,12,13,14,15,16,\\\r\n  17,18,19,1a,1b\r\n");
    check_round(sample);
    check_round(V5 "[a]\n\"x\"=\"1\\n2\"\n@=-\n\"m\"=hex(7):\n\"t\"=\"\xE2\x82\xAC\"\n"
                   "\"y\"=hex(2):\n\"n\"=hex(0):\n\"w\"=hex(80000001):01\n");
    value.type = REG_TYPE_TEXT;
    value.bytes = (const uint8_t *)"\xFF";
    value.size = 1;
    CHECK_EQ(reg_write_item(&value, put, written), SC_E_INVALID_VALUE);
    value.type = REG_TYPE_EXPAND;
    CHECK_EQ(reg_write_item(&value, put, written), SC_E_INVALID_VALUE);
}

/* UTF-16 of UTF-8 in pieces of any size, as from one piece. */
static void test_wide(void)
{
    static const char text[] = "Windows\r\n\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80.";
    uint8_t want[100];
    size_t size = make_wide(text, want);
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct reg_wide wide = {.put = put, .context = written};
        written_size = 0;
        for (size_t i = 0; i < sizeof(text) - 1; i += piece)
            reg_put_wide(&wide, text + i,
                         piece < sizeof(text) - 1 - i ? piece : sizeof(text) - 1 - i);
        CHECK_EQ(written_size, size);
        CHECK(memcmp(written, want, size) == 0);
    }
    static char many[1000];
    memset(many, 'x', sizeof(many));
    struct reg_wide wide = {.put = put, .context = written};
    written_size = 0;
    reg_put_wide(&wide, many, sizeof(many));
    CHECK_EQ(written_size, 2 + 2 * sizeof(many));
    wide = (struct reg_wide){.put = put, .context = written};
    written_size = 0;
    reg_put_wide(&wide, "\xFF\xC3(\x80", 4);
    CHECK_EQ(written_size, 4);
    CHECK(memcmp(written, "\xFF\xFE\xFD\xFF", 4) == 0);
}

static void test_begun(void)
{
    uint8_t wide[200];
    size_t size = make_wide(V5, wide);
    CHECK(reg_is_begun(wide, size));
    CHECK(!reg_is_begun(wide, 20));
    CHECK(!reg_is_begun(wide, 2));
    CHECK(!reg_is_begun(wide, 0));
    CHECK(reg_is_begun((const uint8_t *)"REGEDIT4", 8));
    CHECK(reg_is_begun((const uint8_t *)"\xEF\xBB\xBFREGEDIT4\n", 12));
    CHECK(!reg_is_begun((const uint8_t *)"REGEDIT5", 8));
}

static void test_refusal(void)
{
    uint32_t line;
    stop_at = 3;
    CHECK_EQ(read_bytes(sample, sizeof(sample) - 1, &line), SC_E_NO_ACCESS);
    CHECK_EQ(line, 6);
    stop_at = 0;
}

static void test_no_memory(void)
{
    static uint8_t wide[16384];
    uint32_t line;
    size_t size = make_wide(sample, wide);
    enum sc_error error = SC_E_NO_MEMORY;
    uint32_t n = 0;
    while (error != SC_OK && n < 100) {
        mem_fail_at(++n);
        error = read_bytes(wide, size, &line);
        mem_fail_at(0);
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
    }
    CHECK(n > 3 && error == SC_OK);
    error = SC_E_NO_MEMORY;
    struct reg_item value = {
        .kind = REG_ITEM_VALUE, .name = "a", .type = REG_TYPE_EXPAND};
    value.bytes = (const uint8_t *)"%x%";
    value.size = 3;
    for (n = 1; error != SC_OK && n < 10; n++) {
        mem_fail_at(n);
        error = reg_write_item(&value, put, written);
        mem_fail_at(0);
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
    }
    CHECK_EQ(error, SC_OK);
}

int main(void)
{
    test_encodings();
    test_regedit4();
    test_leniency();
    test_broken();
    test_prefixes();
    test_limits();
    test_writing();
    test_wide();
    test_begun();
    test_refusal();
    test_no_memory();
    return check_result();
}
