/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the requests of pps.txt and judges the answers. */
#include "proto/pps.h"
#include "tests/proto/vector.h"

static void take(const struct vector *v)
{
    struct pps request = {.protocol = (uint8_t)vector_number(v, 0)};
    request.has_pps1 = strcmp(v->fields[1], "-") != 0;
    if (request.has_pps1)
        request.pps1 = (uint8_t)vector_number(v, 1);
    uint8_t want[VECTOR_BYTES_MAX];
    size_t want_size = vector_hex(v, 2, want);
    uint8_t built[PPS_SIZE_MAX];
    size_t built_size = pps_build(&request, built);
    VECTOR_EQ(v, built_size, want_size);
    VECTOR_EQ(v, memcmp(built, want, built_size), 0);
    VECTOR_EQ(v, pps_size(built[1]), built_size);

    uint8_t answer[VECTOR_BYTES_MAX];
    size_t answer_size = vector_hex(v, 3, answer);
    uint8_t fidi = 0xEE;
    bool accepted = pps_accepts(&request, answer, answer_size, &fidi);
    bool refused = strcmp(v->fields[4], "refused") == 0;
    VECTOR_EQ(v, accepted, !refused);
    VECTOR_EQ(v, fidi, refused ? 0xEE : vector_number(v, 4));
}

int main(void)
{
    vector_run("pps.txt", 5, take);
    return check_result();
}
