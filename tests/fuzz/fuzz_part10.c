/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the lists of part 10. Input: room, which properties, their values, count of
 * features and their codes, text of the firmware. */
#include "proto/part10.h"
#include "tests/fuzz/property.h"

enum { FEATURES_MAX = 20 };

static uint32_t input_long(struct input *input)
{
    uint32_t high = (uint32_t)input_word(input);
    return high << 16 | (uint32_t)input_word(input);
}

/* Walks records as programs do, skipping by length. */
static unsigned count_records(const uint8_t *bytes, size_t size)
{
    unsigned count = 0;
    while (size != 0) {
        PROPERTY(size >= 2 && size - 2 >= bytes[1]);
        size -= 2U + bytes[1];
        bytes += 2U + bytes[1];
        count++;
    }
    return count;
}

static void check_features(struct input *input, size_t room)
{
    struct part10_feature features[FEATURES_MAX];
    size_t count = input_byte(input) % (FEATURES_MAX + 1);
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        features[i] =
            (struct part10_feature){PART10_GET_TLV_PROPERTIES, input_long(input)};
    uint8_t *out = property_room(room);
    enum sc_error error = part10_features(features, count, out, room, &size);
    PROPERTY((error == SC_OK) == (room >= count * PART10_FEATURE_SIZE));
    if (error == SC_OK)
        PROPERTY(count_records(out, size) == count);
    free(out);
}

static void check_properties(struct input *input, size_t room)
{
    struct part10_properties properties = {.present = (uint32_t)input_word(input)};
    unsigned count = 0;
    size_t size = 0;
    for (unsigned tag = 1; tag < PART10_PROPERTIES; tag++) {
        properties.values[tag] = input_long(input);
        count += properties.present >> tag & 1U;
    }
    char *text = (char *)input_copy(input, PART10_FIRMWARE_MAX, &size);
    char whole[PART10_FIRMWARE_MAX + 1] = {0};
    if (size != 0)
        memcpy(whole, text, size);
    free(text);
    properties.firmware = whole;
    uint8_t *out = property_room(room);
    enum sc_error error = part10_properties_build(&properties, out, room, &size);
    PROPERTY(error == SC_OK || room < PART10_PROPERTIES_MAX);
    if (error == SC_OK)
        PROPERTY(size <= room && count_records(out, size) == count);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t room = input_word(&input) % 512;
    uint8_t *bytes = property_copy(data, size);
    PROPERTY(!part10_is_mct(bytes, size) || (size >= 5 && data[0] == 0x20));
    free(bytes);
    check_properties(&input, room);
    check_features(&input, room);
    return 0;
}
