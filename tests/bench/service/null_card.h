/* SPDX-License-Identifier: BSD-2-Clause */
/* The card that the two null drivers pretend, pcscd's (null_ifd.c) and ours
 * (null_driver.c): it answers at once, and its command says with how much.
 *
 *     CLA B0 P1 P2 ...   P1 P2 bytes of zeros (0000: 65536) and 90 00
 *     anything else      as many bytes as the command has, its own, the last two 90 00
 *
 * Cards come and go by bytes that are written to the FIFO "N" for reader N in the folder
 * that NULL_READER_EVENTS names: 'i' puts one in, 'r' takes it out. */
#ifndef TESTS_BENCH_SERVICE_NULL_CARD_H
#define TESTS_BENCH_SERVICE_NULL_CARD_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NULL_READERS_MAX = 16, NULL_COMMAND_MIN = 4 };

/* T=1 alone, so that nothing looks into a command (ISO/IEC 7816-3:2006, 8.2). */
static const uint8_t null_atr[] = {0x3B, 0x80, 0x01, 0x81};

/* Bytes of the answer to `in`, 0 if it is no command. */
static inline size_t null_card_size(const uint8_t *in, size_t size)
{
    if (size < NULL_COMMAND_MIN)
        return 0;
    size_t wanted = (size_t)in[2] << 8 | in[3];
    if (in[1] != 0xB0)
        return size;
    return (wanted == 0 ? 65536 : wanted) + 2;
}

/* Writes that answer. */
static inline void null_card_answer(const uint8_t *in, uint8_t *out, size_t size)
{
    if (in[1] == 0xB0)
        memset(out, 0, size - 2);
    else
        memcpy(out, in, size - 2);
    out[size - 2] = 0x90;
    out[size - 1] = 0x00;
}

/* The FIFO of a reader, or -1 without one. For reading and writing, so that it never
 * ends. */
static inline int null_card_events(unsigned reader)
{
    char path[256];
    const char *folder = getenv("NULL_READER_EVENTS");
    if (folder == NULL
        || snprintf(path, sizeof(path), "%s/%u", folder, reader) >= (int)sizeof(path))
        return -1;
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

#endif
