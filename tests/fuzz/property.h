/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz harnesses share: properties that stop the process when they do not hold,
 * and inputs in memory of their exact size, so that a sanitizer sees any step beyond. */
#ifndef TESTS_FUZZ_PROPERTY_H
#define TESTS_FUZZ_PROPERTY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROPERTY(condition)                                                              \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,            \
                    #condition);                                                         \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* Memory of exactly `size` bytes; the caller frees it. */
static inline uint8_t *property_room(size_t size)
{
    uint8_t *room = malloc(size != 0 ? size : 1);
    if (room == NULL)
        abort();
    /* With no byte asked for even the first is out of bounds. */
    return size != 0 ? room : (free(room), NULL);
}

static inline uint8_t *property_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = property_room(size);
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

/* Bytes are taken from the front of the input; 0 when there are none left. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t input_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static inline size_t input_word(struct input *input)
{
    size_t high = input_byte(input);
    return high << 8 | input_byte(input);
}

/* A copy of at most `size` bytes; *got says how many. The caller frees it. */
static inline uint8_t *input_copy(struct input *input, size_t size, size_t *got)
{
    *got = size < input->left ? size : input->left;
    uint8_t *copy = property_copy(input->at, *got);
    if (*got != 0)
        input->at += *got;
    input->left -= *got;
    return copy;
}

#endif
