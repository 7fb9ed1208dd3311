/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the cases of the commands in apdu.txt, and writes them again, whole and
 * shortened. */
#include "proto/apdu.h"
#include "tests/proto/vector.h"

static void check_short_form(const struct vector *v, struct apdu *apdu)
{
    uint8_t want[VECTOR_BYTES_MAX];
    uint8_t built[VECTOR_BYTES_MAX];
    bool is_short = apdu_shorten(apdu);
    VECTOR_EQ(v, is_short, strcmp(v->fields[4], "none") != 0);
    if (!is_short)
        return;
    size_t want_size = vector_hex(v, 4, want);
    VECTOR_EQ(v, apdu_build(apdu, built, sizeof(built)), want_size);
    VECTOR_EQ(v, memcmp(built, want, want_size), 0);
}

static void take(const struct vector *v)
{
    static const char *const cases[] = {"malformed", "1",  "2S", "3S",
                                        "4S",        "2E", "3E", "4E"};
    uint8_t bytes[VECTOR_BYTES_MAX];
    uint8_t built[VECTOR_BYTES_MAX];
    size_t size = vector_hex(v, 0, bytes);
    struct apdu apdu = {0};
    enum apdu_case shape = apdu_classify(bytes, size);
    VECTOR_STR(v, cases[shape], v->fields[1]);
    bool good = apdu_parse(bytes, size, &apdu);
    VECTOR_EQ(v, good, shape != APDU_MALFORMED);
    if (!good)
        return;
    VECTOR_EQ(v, apdu.data_size, vector_number(v, 2));
    VECTOR_EQ(v, apdu.le, vector_number(v, 3));
    VECTOR_EQ(v, apdu_build(&apdu, built, sizeof(built)), size);
    VECTOR_EQ(v, memcmp(built, bytes, size), 0);
    VECTOR_EQ(v, apdu_build(&apdu, built, size - 1), 0);
    check_short_form(v, &apdu);
}

int main(void)
{
    vector_run("apdu.txt", 5, take);
    return check_result();
}
