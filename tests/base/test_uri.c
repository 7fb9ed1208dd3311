/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader URIs: parts, parameters, numbers at their limits, lists. */
#include "base/uri.h"

#include "tests/support/check.h"

static void test_scheme(void)
{
    static const struct {
        const char *uri;
        enum sc_error error;
        const char *scheme;
    } rows[] = {
        {"soft:", SC_OK, "soft"},
        {"vpcd:35963?slots=2", SC_OK, "vpcd"},
        {"serial:/dev/ttyS0", SC_OK, "serial"},
        {"x:", SC_OK, "x"},
        {"1234567:", SC_OK, "1234567"},
        {"12345678:", SC_E_INSUFFICIENT_BUFFER, "-"},
        {"", SC_E_INVALID_VALUE, "-"},
        {":", SC_E_INVALID_VALUE, "-"},
        {"soft", SC_E_INVALID_VALUE, "-"},
        {"soft?a=b:c", SC_E_INVALID_VALUE, "-"},
        {"/dev/x:", SC_E_INVALID_VALUE, "-"},
        {"so ft:", SC_E_INVALID_VALUE, "-"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char scheme[8] = "-";
        CHECK_EQ(uri_get_scheme(rows[i].uri, scheme, sizeof(scheme)), rows[i].error);
        CHECK_STR(scheme, rows[i].scheme);
    }
    char uri[URI_SIZE_MAX + 1] = "soft:", scheme[8];
    memset(uri + 5, 'a', URI_SIZE_MAX - 5);
    CHECK_EQ(strlen(uri), URI_SIZE_MAX);
    CHECK_EQ(uri_get_scheme(uri, scheme, sizeof(scheme)), SC_E_INVALID_VALUE);
    uri[URI_SIZE_MAX - 1] = '\0';
    CHECK_EQ(uri_get_scheme(uri, scheme, sizeof(scheme)), SC_OK);
}

static void test_path(void)
{
    static const struct {
        const char *uri;
        enum sc_error error;
        const char *path;
    } rows[] = {
        {"soft:", SC_OK, ""},
        {"soft:?a=b", SC_OK, ""},
        {"vpcd:35963", SC_OK, "35963"},
        {"vpcd:a:b?c", SC_OK, "a:b"},
        {"serial:/dev/tty%53%300", SC_OK, "/dev/ttyS00"},
        {"x:%3f%3F%26%3D%25", SC_OK, "?\?&=%"},
        {"x:%c3%A9", SC_OK, "\xC3\xA9"},
        {"x:a&b=c", SC_OK, "a&b=c"},
        {"x:a+b", SC_OK, "a+b"}, /* plus is plus: this is no form of a web page */
        {"x:%", SC_E_INVALID_VALUE, NULL},
        {"x:%4", SC_E_INVALID_VALUE, NULL},
        {"x:%4?1", SC_E_INVALID_VALUE, NULL}, /* the rest of it is not the path's */
        {"x:%g0", SC_E_INVALID_VALUE, NULL},
        {"x:%0g", SC_E_INVALID_VALUE, NULL},
        {"x:%00", SC_E_INVALID_VALUE, NULL},
        {"x:a%00b", SC_E_INVALID_VALUE, NULL},
        {"x:%01", SC_OK, "\x01"},
        {"x:%10", SC_OK, "\x10"},
        {"x:123456789012345", SC_OK, "123456789012345"},
        {"x:1234567890123456", SC_E_INSUFFICIENT_BUFFER, NULL},
        {"x:%31234567890123456", SC_E_INSUFFICIENT_BUFFER, NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char path[16] = "-";
        CHECK_EQ(uri_get_path(rows[i].uri, path, sizeof(path)), rows[i].error);
        if (rows[i].path != NULL)
            CHECK_STR(path, rows[i].path);
    }
    char byte = 'x';
    CHECK_EQ(uri_get_path("x:", &byte, 0), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(uri_get_path("x:y", &byte, 0), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(byte, 'x');
    CHECK_EQ(uri_get_path("x:", &byte, 1), SC_OK);
    CHECK_EQ(byte, '\0');
}

static void test_text(void)
{
    static const char uri[] = "soft:p?a=1&&b=two%20words&flag&c==x=&a=2&d=a?b:c&%61b=z&";
    static const struct {
        const char *key, *value; /* NULL: there is none */
    } rows[] = {
        {"a", "1"}, /* the first */
        {"b", "two words"}, {"flag", ""},    {"c", "=x="},
        {"d", "a?b:c"},     {"ab", NULL}, /* keys are not decoded */
        {"fla", NULL},      {"flags", NULL}, {"A", NULL},
        {"", NULL},         {"p", NULL},     {"1", NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char value[16] = "-";
        CHECK_EQ(uri_get_text(uri, rows[i].key, value, sizeof(value)),
                 rows[i].value != NULL ? SC_OK : SC_E_FILE_NOT_FOUND);
        CHECK_STR(value, rows[i].value != NULL ? rows[i].value : "-");
    }
    char value[4];
    CHECK_EQ(uri_get_text("x:?k=abc", "k", value, sizeof(value)), SC_OK);
    CHECK_EQ(uri_get_text("x:?k=abcd", "k", value, sizeof(value)),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(uri_get_text("x:?k=%0", "k", value, sizeof(value)), SC_E_INVALID_VALUE);
    CHECK_EQ(uri_get_text("x:", "k", value, sizeof(value)), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(uri_get_text("x:?", "k", value, sizeof(value)), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(uri_get_text("", "k", value, sizeof(value)), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(uri_get_text("x?k=1", "k", value, sizeof(value)), SC_E_FILE_NOT_FOUND);
}

static void test_number(void)
{
    static const struct {
        const char *text;
        uint32_t min, max;
        enum sc_error error;
        uint32_t number;
    } rows[] = {
        {"5", 5, 5, SC_OK, 5},
        {"4", 5, 9, SC_E_INVALID_VALUE, 0},
        {"9", 5, 9, SC_OK, 9},
        {"10", 5, 9, SC_E_INVALID_VALUE, 0},
        {"0", 0, 9, SC_OK, 0},
        {"007", 0, 9, SC_OK, 7},
        {"4294967295", 0, UINT32_MAX, SC_OK, UINT32_MAX},
        {"4294967296", 0, UINT32_MAX, SC_E_INVALID_VALUE, 0},
        {"9999999999", 0, UINT32_MAX, SC_E_INVALID_VALUE, 0},
        {"18446744073709551617", 0, UINT32_MAX, SC_E_INVALID_VALUE, 0}, /* 2^64 + 1 */
        {"00000000001", 0, 9, SC_E_INVALID_VALUE, 0},
        {"%37", 0, 9, SC_OK, 7},
        {"", 0, 9, SC_E_INVALID_VALUE, 0},
        {"-1", 0, UINT32_MAX, SC_E_INVALID_VALUE, 0},
        {"+1", 0, 9, SC_E_INVALID_VALUE, 0},
        {" 1", 0, 9, SC_E_INVALID_VALUE, 0},
        {"1x", 0, 9, SC_E_INVALID_VALUE, 0},
        {"0x1", 0, 9, SC_E_INVALID_VALUE, 0},
        {"/", 0, 99, SC_E_INVALID_VALUE, 0}, /* beside '0' and '9' */
        {":", 0, 99, SC_E_INVALID_VALUE, 0},
        {"%3", 0, 99, SC_E_INVALID_VALUE, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char uri[64];
        uint32_t number = 77;
        CHECK(snprintf(uri, sizeof(uri), "x:?n=%s", rows[i].text) > 0);
        CHECK_EQ(uri_get_number(uri, "n", rows[i].min, rows[i].max, &number),
                 rows[i].error);
        CHECK_EQ(number, rows[i].error == SC_OK ? rows[i].number : 77);
    }
    uint32_t number = 77;
    CHECK_EQ(uri_get_number("x:?m=1", "n", 0, 9, &number), SC_OK);
    CHECK_EQ(number, 77);
    CHECK_EQ(uri_get_number("x:?n", "n", 0, 9, &number), SC_E_INVALID_VALUE);
}

static void test_keys(void)
{
    static const char *const keys[] = {"slots", "name", NULL};
    static const struct {
        const char *uri, *unknown; /* NULL: all are known */
    } rows[] = {
        {"x:", NULL},
        {"x:?", NULL},
        {"x:?slots=1&name=b&name", NULL},
        {"x:?slot=1", "slot"},
        {"x:?slots=1&Name=b&third=1", "Name"},
        {"x:?slotss", "slotss"},
        {"x:?=1", ""},
        {"x:?name=a&a_long_key_that_is_cut=1", "a_long_"},
        {"x:slot=1", NULL}, /* that is the path */
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char unknown[8] = "-";
        CHECK_EQ(uri_check_keys(rows[i].uri, keys, unknown, sizeof(unknown)),
                 rows[i].unknown == NULL ? SC_OK : SC_E_INVALID_VALUE);
        CHECK_STR(unknown, rows[i].unknown == NULL ? "-" : rows[i].unknown);
    }
    char byte = 'x';
    CHECK_EQ(uri_check_keys("x:?q", keys, &byte, 0), SC_E_INVALID_VALUE);
    CHECK_EQ(byte, 'x');
    CHECK_EQ(uri_check_keys("x:?q", keys, &byte, 1), SC_E_INVALID_VALUE);
    CHECK_EQ(byte, '\0');
    CHECK_EQ(uri_check_keys("x:?q", keys + 2, &byte, 1), SC_E_INVALID_VALUE);
}

/* The entries of a list with '|' behind each, and "!" for one too long. */
static void check_list(const char *list, const char *want)
{
    char all[256] = "", uri[12];
    size_t used = 0;
    int got;
    while ((got = uri_list_next(&list, uri, sizeof(uri))) != 0 && used < 200) {
        int size = snprintf(all + used, sizeof(all) - used, "%s|", got > 0 ? uri : "!");
        CHECK(size > 0);
        used += (size_t)size;
    }
    CHECK_STR(all, want);
    CHECK_EQ(*list, '\0');
    CHECK_EQ(uri_list_next(&list, uri, sizeof(uri)), 0);
}

static void test_list(void)
{
    check_list("", "");
    check_list(" ; ;\n\t;\r\n", "");
    check_list("soft:", "soft:|");
    check_list("soft:\n", "soft:|");
    check_list("a:;b:", "a:|b:|");
    check_list(" a: ;\tb: \r\nc:\n\nd:;", "a:|b:|c:|d:|");
    check_list("# nothing; b:\na:", "a:|");
    check_list("#\n#", "");
    check_list("a: # the first; b:\nc:", "a:|c:|");
    check_list("a:;# rest\nc:\t#x\n", "a:|c:|");
    check_list("a:b#c;d:#", "a:b#c|d:#|"); /* within a word it is none */
    check_list("a: b", "a: b|");
    check_list("12345678901", "12345678901|");
    check_list("  12345678901  ", "12345678901|");
    check_list("123456789012;b:", "!|b:|");
    check_list("a:\n1234567890123 # x\nb:", "a:|!|b:|");
}

int main(void)
{
    test_scheme();
    test_path();
    test_text();
    test_number();
    test_keys();
    test_list();
    return check_result();
}
