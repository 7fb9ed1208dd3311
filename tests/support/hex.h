/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of the tests' scripts, written as hexadecimal digits with blanks between. */
#ifndef TESTS_SUPPORT_HEX_H
#define TESTS_SUPPORT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Gives the number of bytes; a script that is not hexadecimal ends the test. */
static inline size_t hex(const char *text, uint8_t *out, size_t room)
{
    size_t size = 0;
    while (*text != '\0') {
        unsigned byte = 0;
        int used = 0;
        if (*text == ' ') {
            text++;
            continue;
        }
        if (size == room || sscanf(text, "%2x%n", &byte, &used) != 1 || used != 2) {
            fprintf(stderr, "bad script: %s\n", text);
            exit(2);
        }
        out[size++] = (uint8_t)byte;
        text += used;
    }
    return size;
}

#endif
