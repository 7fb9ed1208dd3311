/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy files that are wrong, and where; and what is right although it looks odd. */
#include "base/alloc.h"
#include "service/policy.h"
#include "tests/service/policy_test.h"

#include <stdlib.h>

static struct policy_fault fault;

static enum sc_error parse_bytes(const char *text, size_t size,
                                 const struct policy_options *options)
{
    struct policy *policy = NULL;
    /* Memory of the exact size, so that a sanitizer sees a step beyond. */
    char *copy = malloc(size != 0 ? size : 1);
    if (copy == NULL)
        return SC_E_NO_MEMORY;
    memcpy(copy, text, size);
    enum sc_error error = policy_parse(copy, size, options, &policy, &fault);
    free(copy);
    CHECK_EQ(policy != NULL, error == SC_OK);
    policy_release(policy);
    return error;
}

static void good(const char *text)
{
    enum sc_error error = parse_bytes(text, strlen(text), &test_options);
    if (error != SC_OK)
        fprintf(stderr, "%s\n: %u: %s\n", text, (unsigned)fault.line, fault.text);
    CHECK_EQ(error, SC_OK);
}

/* `words` occur in what is said of it. */
static void bad(const char *text, uint32_t line, const char *words)
{
    CHECK_EQ(parse_bytes(text, strlen(text), &test_options), SC_E_INVALID_VALUE);
    if (fault.line != line || strstr(fault.text, words) == NULL)
        fprintf(stderr, "%s\n: %u: %s\n", text, (unsigned)fault.line, fault.text);
    CHECK_EQ(fault.line, line);
    CHECK(strstr(fault.text, words) != NULL);
}

static void test_good(void)
{
    good("");
    good("\n\n   \n\t# a comment\n#");
    good("allow everyone use any reader");
    good("allow\teveryone  use any reader  # why\r\n\r\n");
    good("allow user \"al ice\" use \"a # b\" #c\n");
    good("allow user alice use and control \"\xC3\xA9*\"\n");
    good("allow user \"alice\" control \"[x] ?\"");
    good("ask polkit use any reader");
    good("ask polkit everyone control any reader");
    good("ask polkit group staff use and control \"X*\"");
    good("limit root bytes 1073741824 contexts 16384 handles 1 requests 00032768");
    good("allow uid:0 use any reader\nallow uid:4294967294 use any reader");
    /* The same again, or more of the same, harms nobody. */
    good("allow everyone use any reader\nallow group scard use \"X*\"");
    good("limit uid:7 sessions 1 connections 65536 contexts 1 handles 1 requests 1 bytes "
         "262144");
    good("limit everyone contexts 5\nlimit user bob contexts 5 handles 6");
    good("allow everyone use any reader\ndeny user mallory control any reader");
    good("allow user alice use any reader\ndeny uid:1002 use any reader");
    good("allow everyone use \"X*\"\ndeny everyone use any reader");
}

static void test_words(void)
{
    bad("permit everyone use any reader", 1, "allow, deny, ask or limit");
    bad("\n# x\nallow", 3, "the end of the line");
    bad("allow everybody use any reader", 1, "everybody");
    bad("allow \"everyone\" use any reader", 1, "expected everyone");
    bad("\"allow\" everyone use any reader", 1, "expected allow");
    bad("allow user", 1, "the name of a user");
    bad("allow everyone read any reader", 1, "read");
    bad("allow everyone use and any reader", 1, "use and control");
    bad("allow everyone use reader", 1, "'any reader'");
    bad("allow everyone use any", 1, "'any reader'");
    bad("allow everyone use Gemalto*", 1, "quotation marks");
    bad("allow everyone use \"Gemalto", 1, "quotation mark");
    bad("allow everyone use \"Gem\"alto", 1, "quotation mark");
    bad("allow everyone use Gem\"alto\"", 1, "quotation mark");
    bad("allow everyone use \"\"", 1, "nothing between");
    bad("allow everyone use any reader please", 1, "'please'");
    bad("allow everyone use any reader, please", 1, "'any reader'");
    bad("allow uid: use any reader", 1, "uid:");
    bad("allow uid:-1 use any reader", 1, "uid:");
    bad("allow uid:12x use any reader", 1, "uid:");
    bad("allow uid:4294967295 use any reader", 1, "uid:");
    bad("allow uid:99999999999999999999 use any reader", 1, "uid:");
    bad("ask everyone use any reader", 1, "polkit");
    bad("ask polkit everyone", 1, "the end of the line");
    bad("a b c d e f g h i j k l m n o p q", 1, "too many");
}

static void test_limit_words(void)
{
    bad("limit user bob", 1, "expected contexts");
    bad("limit user bob contexts", 1, "the end of the line");
    bad("limit user bob contexts 0", 1, "from 1 to 16384");
    bad("limit user bob contexts 16385", 1, "from 1 to 16384");
    bad("limit user bob sessions 65537", 1, "from 1 to 65536");
    bad("limit user bob connections 0", 1, "from 1 to 65536");
    bad("limit user bob bytes 262143", 1, "from 262144");
    bad("limit user bob bytes 4M", 1, "4M");
    bad("limit user bob contexts 5 contexts 6", 1, "each once");
    bad("limit user bob threads 6", 1, "threads");
    bad("limit user bob use any reader", 1, "use");
}

static void test_names(void)
{
    bad("deny user nobody-here use any reader", 1, "no user 'nobody-here'");
    bad("deny group nobody-here use any reader", 1, "no group 'nobody-here'");
    bad("ask polkit user nobody-here use any reader", 1, "no user");
    bad("deny user down use any reader", 1, "cannot look up");
    bad("limit everyone contexts 7\nlimit user bob contexts 8", 2, "line 1");
}

static void test_too_late(void)
{
    bad("allow everyone use any reader\n\ndeny user mallory use any reader", 3, "line 1");
    bad("allow everyone use any reader\ndeny user bob use and control \"X\"", 2,
        "line 1");
    bad("allow user bob use any reader\ndeny uid:1002 use \"X*\"", 2, "line 1");
    bad("allow everyone use \"X*\"\ndeny root use \"X*\"", 2, "line 1");
    bad("deny root use any reader\nask polkit root use any reader", 2, "line 1");
}

static void test_bytes(void)
{
    bad("allow everyone use \"a\x01\"", 1, "not text");
    bad("# \xFF", 1, "not text");
    bad("\n\n\x1B[2J", 3, "not text");
    bad("allow\reveryone use any reader", 1, "not text");
    CHECK_EQ(parse_bytes("#\n\0\n", 4, &test_options), SC_E_INVALID_VALUE);
    CHECK_EQ(fault.line, 2);
}

static void test_sizes(void)
{
    static char text[POLICY_TEXT_MAX + 1];
    char line[400];
    memset(text, '#', sizeof(text));
    CHECK_EQ(parse_bytes(text, POLICY_TEXT_MAX, &test_options), SC_OK);
    CHECK_EQ(parse_bytes(text, POLICY_TEXT_MAX + 1, &test_options), SC_E_INVALID_VALUE);
    CHECK_EQ(fault.line, 0);
    size_t size = 0;
    for (int i = 0; i <= POLICY_RULES_MAX; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size,
                                 "allow uid:%d use any reader\n", i);
    CHECK_EQ(parse_bytes(text, size, &test_options), SC_E_INVALID_VALUE);
    CHECK_EQ(fault.line, POLICY_RULES_MAX + 1);
    CHECK(strstr(fault.text, "more than 1024") != NULL);
    char *last = text + size - 1;
    while (last[-1] != '\n')
        last--;
    CHECK_EQ(parse_bytes(text, (size_t)(last - text), &test_options), SC_OK);
    for (int width = POLICY_WORD_MAX; width <= POLICY_WORD_MAX + 1; width++) {
        (void)snprintf(line, sizeof(line), "allow everyone use \"%0*d\"", width, 0);
        CHECK_EQ(parse_bytes(line, strlen(line), &test_options),
                 width <= POLICY_WORD_MAX ? SC_OK : SC_E_INVALID_VALUE);
    }
}

static void test_without_polkit(void)
{
    struct policy_options options = test_options;
    const char *text = "ask polkit use any reader";
    options.can_ask = false;
    CHECK_EQ(parse_bytes(text, strlen(text), &options), SC_E_INVALID_VALUE);
    CHECK(strstr(fault.text, "without polkit") != NULL);
}

static void test_memory(void)
{
    const char *text = "allow everyone use any reader";
    enum sc_error error = SC_E_NO_MEMORY;
    uint32_t n = 1;
    for (; n < 20 && error != SC_OK; n++) {
        mem_fail_at(n);
        error = parse_bytes(text, strlen(text), &test_options);
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
        CHECK(error == SC_OK || strcmp(fault.text, "no memory") == 0);
    }
    mem_fail_at(0);
    CHECK_EQ(n, 5); /* three allocations, and then all is well */
    for (n = 1; n <= 3; n++) {
        mem_fail_at(n);
        CHECK(policy_create_default(&test_options) == NULL);
    }
    mem_fail_at(0);
}

/* Reads a file of the project into text[]; its size. */
static size_t read_file(const char *name, char *text, size_t room)
{
    FILE *file = fopen(name, "r");
    CHECK(file != NULL);
    size_t size = file != NULL ? fread(text, 1, room - 1, file) : 0;
    text[size] = '\0';
    if (file != NULL)
        CHECK_EQ(fclose(file), 0);
    return size;
}

/* What people will copy: the example file, as it is and with all of its rules in force,
 * and what the manual page shows. */
static void test_shipped(void)
{
    static char text[POLICY_TEXT_MAX];
    size_t size =
        read_file(SOURCE_DIRECTORY "/packaging/policy.conf", text, sizeof(text));
    CHECK(size > 100);
    good(text);
    for (char *at = strchr(text, '#'); at != NULL; at = strchr(at + 1, '#')) {
        if (at[1] >= 'a' && at[1] <= 'z')
            *at = ' ';
    }
    CHECK(strstr(text, "\n deny user mallory") != NULL);
    good(text);
    size = read_file(SOURCE_DIRECTORY "/packaging/man/winscard-policy.conf.5", text,
                     sizeof(text));
    unsigned shown = 0;
    for (char *at = strstr(text, "\n.Bd"); at != NULL; at = strstr(at, "\n.Bd")) {
        char *end = strstr(at, "\n.Ed");
        CHECK(end != NULL);
        if (end == NULL)
            return;
        *end = '\0';
        good(strchr(at + 1, '\n'));
        at = end + 1;
        shown++;
    }
    CHECK_EQ(shown, 4);
}

struct told {
    uint32_t lines[8];
    uint32_t count;
    char last[POLICY_FAULT_MAX];
};

static void keep_fault(void *context, const struct policy_fault *found)
{
    struct told *told = context;
    if (told->count < ARRAY_SIZE(told->lines))
        told->lines[told->count] = found->line;
    told->count++;
    (void)snprintf(told->last, sizeof(told->last), "%s", found->text);
}

static uint32_t check_text(const char *text, size_t size, struct told *told)
{
    *told = (struct told){{0}, 0, ""};
    uint32_t count = policy_check(text, size, &test_options, keep_fault, told);
    CHECK_EQ(count, told->count);
    return count;
}

/* All that is wrong, where policy_parse() tells the first of it. */
static void test_check(void)
{
    static const char text[] = "permit everyone\n"
                               "allow user alice use any reader\n"
                               "deny user nobody use any reader\n"
                               "limit everyone contexts 0\n"
                               "allow everyone use any reader\n"
                               "deny user bob use any reader\n";
    static char large[POLICY_TEXT_MAX + 1];
    struct told told;
    CHECK_EQ(check_text(text, strlen(text), &told), 4);
    CHECK_EQ(told.lines[0], 1);
    CHECK_EQ(told.lines[1], 3);
    CHECK_EQ(told.lines[2], 4);
    CHECK_EQ(told.lines[3], 6);
    CHECK(strstr(told.last, "line 5 decides this otherwise") != NULL);
    CHECK_EQ(check_text("", 0, &told), 0);
    CHECK_EQ(check_text("allow root use any reader", 25, &told), 0);
    memset(large, '#', sizeof(large));
    CHECK_EQ(check_text(large, sizeof(large), &told), 1);
    CHECK_EQ(told.lines[0], 0);
    mem_fail_at(1);
    CHECK_EQ(check_text("", 0, &told), 1);
    mem_fail_at(0);
    CHECK_STR(told.last, "no memory");
}

int main(void)
{
    test_shipped();
    test_good();
    test_words();
    test_limit_words();
    test_names();
    test_too_late();
    test_bytes();
    test_sizes();
    test_without_polkit();
    test_memory();
    test_check();
    return check_result();
}
