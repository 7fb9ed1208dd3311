/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/crt/sink.h"

#include "port/convert.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>

void winport_sink_buffer(struct winport_sink *sink, unsigned unit, void *text,
                         size_t room)
{
    *sink = (struct winport_sink){.unit = unit, .text = text, .room = room};
}

void winport_sink_stream(struct winport_sink *sink, unsigned unit, FILE *stream)
{
    *sink = (struct winport_sink){.unit = unit, .stream = stream};
    flockfile(stream);
}

/* A stream that std::wcout or libc's own wide calls have written to takes characters alone. */
static bool write_wide(FILE *stream, const char *text, size_t size)
{
    for (const char *end = text + size; text < end;)
        if ((fputwc)((wchar_t)winport_utf8_next(&text, end, NULL), stream) == WEOF)
            return false;
    return true;
}

static bool write_bytes(FILE *stream, const char *text, size_t size)
{
    if ((fwide)(stream, 0) > 0)
        return write_wide(stream, text, size);
    return fwrite(text, 1, size, stream) == size;
}

static void flush_chunk(struct winport_sink *sink)
{
    if (sink->used != 0 && !write_bytes(sink->stream, sink->chunk, sink->used))
        sink->failed = true;
    sink->used = 0;
}

static void sink_bytes(struct winport_sink *sink, const char *bytes, unsigned count)
{
    if (sizeof sink->chunk - sink->used < count)
        flush_chunk(sink);
    for (unsigned i = 0; i < count; i++)
        sink->chunk[sink->used++] = bytes[i];
}

static void sink_utf8(struct winport_sink *sink, uint32_t point)
{
    char bytes[4];
    sink_bytes(sink, bytes, winport_utf8_put(point, bytes));
}

/* A half of a surrogate pair without the other becomes U+FFFD. */
static void put_utf16(struct winport_sink *sink, uint32_t unit)
{
    const uint32_t high = sink->high;
    sink->high = 0;
    if (high != 0 && unit >= 0xDC00 && unit <= 0xDFFF) {
        sink_utf8(sink, 0x10000u + ((high & 0x3FFu) << 10) + (unit & 0x3FFu));
        return;
    }
    if (high != 0)
        sink_utf8(sink, WINPORT_REPLACEMENT);
    if (unit >= 0xD800 && unit <= 0xDBFF)
        sink->high = (WCHAR)unit;
    else
        sink_utf8(sink, unit);
}

static void put_stream(struct winport_sink *sink, uint32_t unit)
{
    if (sink->unit == UNIT_8) {
        const char byte = (char)unit;
        sink_bytes(sink, &byte, 1);
    } else if (sink->unit == UNIT_16) {
        put_utf16(sink, unit);
    } else {
        sink_utf8(sink, unit);
    }
}

void winport_sink_put(struct winport_sink *sink, uint32_t unit)
{
    if (sink->count > INT_MAX) /* no call can tell so many: they fail */
        return;
    if (sink->stream != NULL) {
        put_stream(sink, unit);
    } else if (sink->count < sink->room) {
        if (sink->unit == UNIT_8)
            ((char *)sink->text)[sink->count] = (char)unit;
        else if (sink->unit == UNIT_16)
            ((WCHAR *)sink->text)[sink->count] = (WCHAR)unit;
        else
            ((uint32_t *)sink->text)[sink->count] = unit;
    }
    sink->count++;
}

void winport_sink_fill(struct winport_sink *sink, uint32_t unit, size_t times)
{
    for (; times > 0 && (sink->stream != NULL || sink->count < sink->room); times--) {
        if (sink->count > INT_MAX)
            return;
        winport_sink_put(sink, unit);
    }
    const size_t most = sink->count > INT_MAX ? 0 : (size_t)INT_MAX + 1 - sink->count;
    sink->count +=
        times < most ? times : most; /* those that do not fit are not looked at */
}

unsigned winport_sink_width(const struct winport_sink *sink, uint32_t point)
{
    char bytes[4];
    WCHAR units[2];
    if (sink->unit == UNIT_8)
        return winport_utf8_put(point, bytes);
    return sink->unit == UNIT_16 ? winport_utf16_put(point, units) : 1;
}

void winport_sink_put_point(struct winport_sink *sink, uint32_t point)
{
    char bytes[4];
    WCHAR units[2];
    if (sink->unit == UNIT_8) {
        const unsigned count = winport_utf8_put(point, bytes);
        for (unsigned i = 0; i < count; i++)
            winport_sink_put(sink, (uint8_t)bytes[i]);
    } else if (sink->unit == UNIT_16) {
        const unsigned count = winport_utf16_put(point, units);
        for (unsigned i = 0; i < count; i++)
            winport_sink_put(sink, units[i]);
    } else {
        winport_sink_put(sink, point);
    }
}

int winport_sink_finish(struct winport_sink *sink)
{
    if (sink->stream != NULL) {
        if (sink->high != 0)
            sink_utf8(sink, WINPORT_REPLACEMENT);
        flush_chunk(sink);
        funlockfile(sink->stream);
    }
    if (sink->count > INT_MAX) {
        errno = EOVERFLOW;
        return -1;
    }
    return sink->failed ? -1 : (int)sink->count;
}

uint32_t winport_unit_at(const void *text, unsigned unit, size_t at)
{
    if (unit == UNIT_8)
        return ((const uint8_t *)text)[at];
    return unit == UNIT_16 ? ((const WCHAR *)text)[at] : ((const uint32_t *)text)[at];
}

uint32_t winport_next_point(const void *text, unsigned unit, size_t *at, size_t end)
{
    if (unit == UNIT_32)
        return ((const uint32_t *)text)[(*at)++];
    if (unit == UNIT_16) {
        const WCHAR *units = text, *next = units + *at;
        const uint32_t point = winport_utf16_next(&next, units + end, NULL);
        *at = (size_t)(next - units);
        return point;
    }
    const char *bytes = text, *next = bytes + *at;
    const uint32_t point = winport_utf8_next(&next, bytes + end, NULL);
    *at = (size_t)(next - bytes);
    return point;
}
