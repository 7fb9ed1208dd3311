/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/crt/source.h"

#include "port/convert.h"

/* Bytes of a UTF-8 character by its first one. */
static unsigned character_bytes(uint8_t first)
{
    if (first < 0xC2 || first > 0xF4)
        return 1;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Takes a character. A byte that does not belong to it is put back. */
static uint32_t stream_point(FILE *stream)
{
    char bytes[4];
    int byte = getc_unlocked(stream);
    if (byte == EOF)
        return WINPORT_END;
    bytes[0] = (char)byte;
    const unsigned length = character_bytes((uint8_t)byte);
    unsigned count = 1;
    while (count < length && (byte = getc_unlocked(stream)) != EOF) {
        bytes[count] = (char)byte;
        if ((byte & 0xC0) != 0x80) {
            (void)ungetc(byte, stream);
            break;
        }
        count++;
    }
    const char *at = bytes;
    return winport_utf8_next(&at, bytes + count, NULL);
}

uint32_t winport_stream_unit(FILE *stream, unsigned unit, WCHAR *low)
{
    if (*low != 0) {
        const uint32_t second = *low;
        *low = 0;
        return second;
    }
    const uint32_t point = stream_point(stream);
    if (unit == UNIT_32 || point == WINPORT_END)
        return point;
    WCHAR units[2];
    if (winport_utf16_put(point, units) == 2)
        *low = units[1];
    return units[0];
}

static uint32_t next_of_stream(struct winport_source *source)
{
    if (source->unit != UNIT_8)
        return winport_stream_unit(source->stream, source->unit, &source->low);
    const int byte = getc_unlocked(source->stream);
    return byte == EOF ? WINPORT_END : (uint32_t)byte;
}

uint32_t winport_source_peek(struct winport_source *source)
{
    if (source->looked)
        return source->waiting;
    if (source->stream != NULL) {
        source->waiting = next_of_stream(source);
        source->looked = true;
        return source->waiting;
    }
    const uint32_t unit = winport_unit_at(source->text, source->unit, source->at);
    return unit == 0 ? WINPORT_END : unit;
}

void winport_source_take(struct winport_source *source)
{
    if (winport_source_peek(source) == WINPORT_END)
        return;
    source->looked = false;
    source->count++;
    if (source->stream == NULL)
        source->at++;
}

/* The C library promises one byte of room only; glibc, musl and the BSDs take back more. */
void winport_source_finish(struct winport_source *source)
{
    if (!source->looked || source->waiting == WINPORT_END)
        return;
    if (source->unit == UNIT_8) {
        (void)ungetc((int)source->waiting, source->stream);
        return;
    }
    char bytes[4];
    uint32_t point = source->waiting;
    if (source->low != 0)
        point = 0x10000 + ((point & 0x3FF) << 10) + (source->low & 0x3FFu);
    for (unsigned i = winport_utf8_put(point, bytes); i-- > 0;)
        (void)ungetc((uint8_t)bytes[i], source->stream);
}
