/* SPDX-License-Identifier: BSD-2-Clause */
/* What policies answer: who, which reader, which right, limits. */
#include "service/policy.h"
#include "tests/service/policy_test.h"

static const uint32_t no_groups[] = {77};
static const uint32_t with_scard[] = {77, SCARD};
static const struct policy_peer root = {0, NULL, 0};
static const struct policy_peer owner = {OWNER, no_groups, 1};
static const struct policy_peer alice = {ALICE, no_groups, 1};
static const struct policy_peer bob = {BOB, with_scard, 2};
static const struct policy_peer mallory = {MALLORY, with_scard, 2};

static const char *const gemalto[] = {
    "Gemalto PC Twin Reader 0", "Gemalto PC Twin Reader [CCID Interface] (A1) 00 00"};
static const char *const cherry[] = {"Cherry ST-2000 0", "Cherry ST-2000 [X] 00 00"};

static enum policy_answer use(const struct policy *policy, const struct policy_peer *peer,
                              const char *const *names)
{
    return policy_may(policy, peer, names, 2, POLICY_USE);
}

static enum policy_answer control(const struct policy *policy,
                                  const struct policy_peer *peer,
                                  const char *const *names)
{
    return policy_may(policy, peer, names, 2, POLICY_CONTROL);
}

static void test_patterns(void)
{
    static const struct {
        const char *pattern, *name;
        bool fits;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything at all", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"??", "\xC3\xA9z", true},
        {"?", "\xC3\xA9", true},
        {"??", "\xC3\xA9", false},
        {"a*c", "abbbc", true},
        {"a*c", "abbbd", false},
        {"*ab", "aab", true},
        {"*ab*ab", "abaab", true},
        {"*ab*ab", "abab", true},
        {"*ab*ab", "aab", false},
        {"a**b", "ab", true},
        {"*?*", "x", true},
        {"abc", "ABC", false},
        {"Gemalto*", "Gemalto", true},
        {"[ab]", "a", false},
        {"[ab]", "[ab]", true},
        {"a\\*", "a\\bc", true},
        {"a*", "b", false},
        {"*00 0?", "Reader [X] 00 01", true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (policy_pattern_fits(cases[i].pattern, cases[i].name) != cases[i].fits)
            fprintf(stderr, "'%s' and '%s'\n", cases[i].pattern, cases[i].name);
        CHECK_EQ(policy_pattern_fits(cases[i].pattern, cases[i].name), cases[i].fits);
    }
}

/* Many stars on a long name must not take for ever: at most length times length steps. */
static void test_pattern_time(void)
{
    char pattern[POLICY_WORD_MAX + 1], name[4096];
    for (size_t i = 0; i + 1 < sizeof(pattern); i++)
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    pattern[sizeof(pattern) - 2] = 'b';
    pattern[sizeof(pattern) - 1] = '\0';
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    CHECK(!policy_pattern_fits(pattern, name));
}

static void test_without_file(void)
{
    struct policy *policy = policy_create_default(&test_options);
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_ALLOW);
    CHECK_EQ(control(policy, &alice, gemalto), POLICY_DENY);
    CHECK_EQ(use(policy, &root, gemalto), POLICY_ALLOW);
    CHECK_EQ(control(policy, &root, gemalto), POLICY_ALLOW);
    CHECK_EQ(control(policy, &owner, gemalto), POLICY_ALLOW);
    CHECK(policy_list_visible(policy, &alice, gemalto, 2));
    CHECK_EQ(policy_line(policy, &alice, gemalto, 2, POLICY_USE), 0);
    policy_release(policy);
}

static void test_closed(void)
{
    struct policy *policy = policy_create_closed(&test_options);
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_DENY);
    CHECK_EQ(use(policy, &root, gemalto), POLICY_ALLOW);
    CHECK_EQ(control(policy, &root, gemalto), POLICY_ALLOW);
    CHECK_EQ(use(policy, &owner, gemalto), POLICY_ALLOW);
    CHECK(!policy_list_visible(policy, &alice, gemalto, 2));
    CHECK(policy_list_visible(policy, &root, gemalto, 2));
    policy_release(policy);
    CHECK_EQ(use(NULL, &root, gemalto), POLICY_DENY);
    CHECK_EQ(use(NULL, &owner, gemalto), POLICY_DENY);
    CHECK_EQ(policy_limits(NULL, &root).contexts, 16384);
    CHECK_EQ(policy_limits(NULL, &root).requests, 256);
    policy_release(NULL);
    CHECK(policy_retain(NULL) == NULL);
}

static void test_first_fits(void)
{
    struct policy *policy = test_policy("deny user mallory use any reader\n"
                                        "allow group scard use \"Gemalto PC Twin*\"\n"
                                        "allow user alice control \"Cherry*\"\n"
                                        "deny root control \"Cherry*\"\n"
                                        "ask polkit use \"*00 00\"\n");
    CHECK_EQ(use(policy, &mallory, gemalto), POLICY_DENY);
    CHECK_EQ(policy_line(policy, &mallory, gemalto, 2, POLICY_USE), 1);
    CHECK_EQ(use(policy, &bob, gemalto), POLICY_ALLOW);
    CHECK_EQ(policy_line(policy, &bob, gemalto, 2, POLICY_USE), 2);
    CHECK_EQ(use(policy, &bob, cherry), POLICY_ASK);
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_ASK);
    CHECK_EQ(control(policy, &alice, cherry), POLICY_ALLOW);
    CHECK_EQ(control(policy, &alice, gemalto), POLICY_DENY);
    CHECK_EQ(control(policy, &root, cherry), POLICY_DENY);
    CHECK_EQ(control(policy, &root, gemalto), POLICY_ALLOW);
    CHECK_EQ(policy_line(policy, &root, gemalto, 2, POLICY_CONTROL), 0);
    CHECK(policy_list_visible(policy, &alice, gemalto, 2)); /* polkit might say yes */
    CHECK(policy_list_visible(policy, &alice, cherry, 2));
    CHECK(!policy_list_visible(policy, &mallory, gemalto, 2));
    CHECK_EQ(policy_may(policy, &bob, gemalto, 1, POLICY_USE), POLICY_ALLOW);
    CHECK_EQ(policy_may(policy, &bob, gemalto + 1, 1, POLICY_USE), POLICY_ALLOW);
    CHECK_EQ(policy_may(policy, &alice, gemalto, 1, POLICY_USE), POLICY_DENY);
    policy_release(policy);
}

static void test_both_rights(void)
{
    struct policy *policy = test_policy("deny uid:1003 use and control any reader\n"
                                        "allow gid:120 control and use any reader\n");
    CHECK_EQ(use(policy, &mallory, gemalto), POLICY_DENY);
    CHECK_EQ(control(policy, &mallory, gemalto), POLICY_DENY);
    CHECK_EQ(use(policy, &bob, gemalto), POLICY_ALLOW);
    CHECK_EQ(control(policy, &bob, gemalto), POLICY_ALLOW);
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_DENY);
    policy_release(policy);
}

/* Names that nobody has fit nobody, and least of all number 0. */
static void test_unknown_names(void)
{
    struct policy *policy = test_policy("allow user nobody-here use any reader\n"
                                        "allow user down use any reader\n"
                                        "limit group nobody-here contexts 5\n"
                                        "deny root use any reader\n");
    static const uint32_t none[] = {UINT32_MAX, 0};
    struct policy_peer strange = {UINT32_MAX, none, 2};
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_DENY);
    CHECK_EQ(use(policy, &root, gemalto), POLICY_DENY);
    CHECK_EQ(use(policy, &strange, gemalto), POLICY_DENY);
    CHECK_EQ(policy_limits(policy, &strange).contexts, 1024);
    policy_release(policy);
}

static void test_limits(void)
{
    struct policy *policy = test_policy("limit user bob contexts 16 handles 64\n"
                                        "limit group scard requests 32 handles 100\n"
                                        "limit everyone bytes 4194304 requests 200\n");
    struct policy_limits limits = policy_limits(policy, &bob);
    CHECK_EQ(limits.contexts, 16);
    CHECK_EQ(limits.handles, 64);
    CHECK_EQ(limits.requests, 32);
    CHECK_EQ(limits.bytes, 4194304);
    limits = policy_limits(policy, &alice);
    CHECK_EQ(limits.contexts, 1024);
    CHECK_EQ(limits.handles, 4096);
    CHECK_EQ(limits.requests, 200);
    CHECK_EQ(limits.bytes, 4194304);
    policy_release(policy);
    policy = test_policy("");
    limits = policy_limits(policy, &alice);
    CHECK_EQ(limits.requests, 256);
    CHECK_EQ(limits.bytes, 16777216);
    CHECK_EQ(use(policy, &alice, gemalto), POLICY_DENY); /* a file that says nothing */
    policy_release(policy);
}

static void test_control_codes(void)
{
    static const uint32_t use_codes[] = {
        0x00313520, 0x42000D48,             /* CM_IOCTL_GET_FEATURE_REQUEST */
        0x00313C18, 0x42000F06, 0x42330006, /* VERIFY_PIN_DIRECT */
        0x00313C1C, 0x00313C28, 0x42330012, /* MODIFY_PIN_DIRECT and properties */
        0x00310004, /* IOCTL_SMARTCARD_POWER, as SCardReconnect does it */
        0x00310008, 0x42000002, 0x00310014, 0x00310028, 0x0031002C, /* of Microsoft's */
        0x00310030, 0x00310038, 0x0031003C,
    };
    static const uint32_t control_codes[] = {
        0x42000001,                         /* IOCTL_SMARTCARD_VENDOR_IFD_EXCHANGE */
        0x0031000C, 0x42000003,             /* IOCTL_SMARTCARD_SET_ATTRIBUTE */
        0x00310010, 0x00310018, 0x0031001C, /* CONFISCATE, EJECT, SWALLOW */
        0x003136B0, 0x42000DAC,             /* IOCTL_CCID_ESCAPE */
        0x00313C4C, 0x42330013,             /* CCID_ESC_COMMAND */
        0x00313521, 0x00323520, 0x80313520, 0x00317520, 0x00000D48,
        0x00000F06, 0x00330006, 0,          UINT32_MAX,
    };
    for (size_t i = 0; i < ARRAY_SIZE(use_codes); i++)
        CHECK_EQ(policy_control_right(use_codes[i]), POLICY_USE);
    for (size_t i = 0; i < ARRAY_SIZE(control_codes); i++)
        CHECK_EQ(policy_control_right(control_codes[i]), POLICY_CONTROL);
}

int main(void)
{
    test_control_codes();
    test_patterns();
    test_pattern_time();
    test_without_file();
    test_closed();
    test_first_fits();
    test_both_rights();
    test_unknown_names();
    test_limits();
    return check_result();
}
