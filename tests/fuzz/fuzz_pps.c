/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the judgement of PPS answers. Input: T, whether PPS1 is asked for, PPS1, answer.
 */
#include "proto/pps.h"
#include "tests/fuzz/property.h"

static void check_message(const uint8_t *bytes, size_t size)
{
    struct pps pps;
    uint8_t built[PPS_SIZE_MAX];
    uint8_t fidi = 0;
    if (!pps_parse(bytes, size, &pps))
        return;
    PROPERTY(pps_build(&pps, built) == size);
    PROPERTY(memcmp(built, bytes, size) == 0);
    PROPERTY(pps_accepts(&pps, bytes, size, &fidi) && fidi == pps.pps1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct pps request = {.protocol = input_byte(&input) & 0x0F};
    request.has_pps1 = (input_byte(&input) & 1) != 0;
    request.pps1 = input_byte(&input);
    uint8_t built[PPS_SIZE_MAX];
    size_t built_size = pps_build(&request, built);
    PROPERTY(built_size == pps_size(built[1]) && built_size <= PPS_SIZE_MAX);
    check_message(built, built_size);

    size_t answer_size = 0;
    uint8_t *answer = input_copy(&input, input.left, &answer_size);
    uint8_t fidi = 0;
    if (pps_accepts(&request, answer, answer_size, &fidi)) {
        PROPERTY(answer_size <= built_size && answer[0] == 0xFF);
        PROPERTY(fidi == PPS_FIDI_DEFAULT || (request.has_pps1 && fidi == request.pps1));
    }
    check_message(answer, answer_size);
    free(answer);
    return 0;
}
