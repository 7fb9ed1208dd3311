/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads vector files: a line a vector, its fields between " ; ", "#" begins a comment
 * line. */
#ifndef TESTS_VECTOR_PROTO_VECTOR_H
#define TESTS_VECTOR_PROTO_VECTOR_H

#include "tests/support/check.h"

#include <stddef.h>
#include <stdlib.h>

#ifndef VECTOR_DIR
#define VECTOR_DIR "tests/proto/vectors"
#endif

enum { VECTOR_FIELDS_MAX = 16, VECTOR_LINE_MAX = 1024, VECTOR_BYTES_MAX = 300 };

struct vector {
    const char *file;
    unsigned line;
    char text[VECTOR_LINE_MAX];
    char *fields[VECTOR_FIELDS_MAX];
    unsigned count;
};

static inline void vector_split(struct vector *v)
{
    char *at = v->text;
    v->count = 0;
    at[strcspn(at, "\r\n")] = '\0';
    while (v->count < VECTOR_FIELDS_MAX) {
        v->fields[v->count++] = at;
        char *end = strstr(at, " ; ");
        if (end == NULL)
            break;
        *end = '\0';
        at = end + 3;
    }
}

/* Calls take() for each line of a file that has `fields` of them; any other is a failure.
 */
static inline void vector_run(const char *file, unsigned fields,
                              void (*take)(const struct vector *))
{
    struct vector v = {.file = file};
    char path[VECTOR_LINE_MAX];
    unsigned taken = 0;
    snprintf(path, sizeof(path), "%s/%s", VECTOR_DIR, file);
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        CHECK_FAILED("cannot open %s", path);
        return;
    }
    while (fgets(v.text, sizeof(v.text), in) != NULL) {
        v.line++;
        if (v.text[0] == '#' || v.text[0] == '\n')
            continue;
        vector_split(&v);
        if (v.count != fields) {
            CHECK_FAILED("%s:%u: %u fields, want %u", file, v.line, v.count, fields);
            continue;
        }
        take(&v);
        taken++;
    }
    fclose(in);
    printf("%s: %u vectors\n", file, taken);
    CHECK(taken != 0);
}

/* Bytes from hexadecimal digits, blanks between allowed; "-" is no bytes. */
static inline size_t vector_hex(const struct vector *v, unsigned field,
                                uint8_t out[VECTOR_BYTES_MAX])
{
    size_t size = 0;
    const char *at = v->fields[field];
    while (*at != '\0' && *at != '-') {
        unsigned byte = 0;
        int used = 0;
        if (*at == ' ') {
            at++;
            continue;
        }
        if (size == VECTOR_BYTES_MAX || sscanf(at, "%2x%n", &byte, &used) != 1
            || used != 2) {
            CHECK_FAILED("%s:%u: bad bytes", v->file, v->line);
            return 0;
        }
        out[size++] = (uint8_t)byte;
        at += used;
    }
    return size;
}

static inline uint32_t vector_number(const struct vector *v, unsigned field)
{
    char *end = NULL;
    unsigned long number = strtoul(v->fields[field], &end, 0);
    if (end == v->fields[field] || *end != '\0')
        CHECK_FAILED("%s:%u: bad number \"%s\"", v->file, v->line, v->fields[field]);
    return (uint32_t)number;
}

#define VECTOR_STR(v, got, want)                                                         \
    do {                                                                                 \
        check_count++;                                                                   \
        if (strcmp((got), (want)) != 0)                                                  \
            CHECK_FAILED("%s:%u: got \"%s\", want \"%s\"", (v)->file, (v)->line, (got),  \
                         (want));                                                        \
    } while (0)

#define VECTOR_EQ(v, got, want)                                                          \
    do {                                                                                 \
        uint64_t vector_got = (uint64_t)(got), vector_want = (uint64_t)(want);           \
        check_count++;                                                                   \
        if (vector_got != vector_want)                                                   \
            CHECK_FAILED("%s:%u: %s is %" PRIu64 ", want %" PRIu64, (v)->file,           \
                         (v)->line, #got, vector_got, vector_want);                      \
    } while (0)

#endif
