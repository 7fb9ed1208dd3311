/* SPDX-License-Identifier: BSD-2-Clause */
/* What polkit is told of a process. */
#include "service/polkit.h"
#include "tests/check.h"

#include <unistd.h>

static void test_parsing(void)
{
    static const struct {
        const char *text;
        uint64_t ticks;
    } cases[] = {
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 23 24\n",
         987654},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654", 987654},
        {"1 (x) S 1 2) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 5 6", 5},
        {"1 (\n) ( )) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 77 6", 77},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
         "18446744073709551616 1",
         0},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 x", 0},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 ", 0},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21", 0},
        {"1 a S 4 5", 0},
        {")", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        CHECK_EQ(polkit_parse_start_time(cases[i].text), cases[i].ticks);
}

static void test_this_process(void)
{
    CHECK_EQ(polkit_start_time(0), 0);
    CHECK_EQ(polkit_start_time(-1), 0);
#if defined(__linux__)
    CHECK(polkit_start_time((int32_t)getpid()) != 0);
    CHECK_EQ(polkit_start_time((int32_t)getpid()), polkit_start_time((int32_t)getpid()));
#endif
}

int main(void)
{
    test_parsing();
    test_this_process();
    CHECK_STR(polkit_action(POLICY_USE), "org.winscard.use");
    CHECK_STR(polkit_action(POLICY_CONTROL), "org.winscard.control");
    return check_result();
}
