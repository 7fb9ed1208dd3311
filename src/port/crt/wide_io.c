/* SPDX-License-Identifier: BSD-2-Clause */
/* WCHAR from and to streams, which have UTF-8. */
#include "port/convert.h"
#include "port/crt/source.h"

#include <errno.h>

/* Half of a character above U+FFFF that a call of this thread wrote or is yet to read. */
struct half {
    FILE *stream;
    WCHAR unit;
};
static _Thread_local struct half written, unread;

static bool put_point(uint32_t point, FILE *stream)
{
    char bytes[4];
    const unsigned count = winport_utf8_put(point, bytes);
    return fwrite(bytes, 1, count, stream) == count;
}

wint_t winport_fputwc(wint_t unit, FILE *stream)
{
    const bool high = unit >= 0xD800 && unit <= 0xDBFF;
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    uint32_t point = unit;
    if (written.unit != 0) {
        const struct half half = written;
        written.unit = 0;
        if (low && half.stream == stream)
            point = 0x10000u + ((half.unit & 0x3FFu) << 10) + (unit & 0x3FFu);
        else if (half.stream == stream) /* another one may be closed by now */
            put_point(WINPORT_REPLACEMENT, stream);
    }
    if (high) {
        written = (struct half){stream, (WCHAR)unit};
        return unit;
    }
    return put_point(point, stream) ? unit : WEOF;
}

wint_t winport_putwc(wint_t unit, FILE *stream)
{
    return winport_fputwc(unit, stream);
}

wint_t winport_putwchar(wint_t unit)
{
    return winport_fputwc(unit, stdout);
}

int winport_fputws(const WCHAR *text, FILE *stream)
{
    struct winport_sink sink;
    winport_sink_stream(&sink, UNIT_16, stream);
    for (; *text != 0; text++)
        winport_sink_put(&sink, *text);
    return winport_sink_finish(&sink) < 0 ? EOF : 0;
}

int _putws(const WCHAR *text)
{
    return winport_fputws(text, stdout) < 0 || putchar('\n') == EOF ? EOF : 0;
}

wint_t winport_fgetwc(FILE *stream)
{
    WCHAR low = unread.stream == stream ? unread.unit : 0;
    flockfile(stream);
    const uint32_t unit = winport_stream_unit(stream, UNIT_16, &low);
    funlockfile(stream);
    if (low != 0 || unread.stream == stream)
        unread = (struct half){stream, low};
    return unit == WINPORT_END ? WEOF : unit;
}

wint_t winport_getwc(FILE *stream)
{
    return winport_fgetwc(stream);
}

wint_t winport_getwchar(void)
{
    return winport_fgetwc(stdin);
}

/* A half is put back where the next call looks first. */
wint_t winport_ungetwc(wint_t unit, FILE *stream)
{
    if (unit == WEOF)
        return WEOF;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        unread = (struct half){stream, (WCHAR)unit};
        return unit;
    }
    char bytes[4];
    for (unsigned i = winport_utf8_put(unit, bytes); i-- > 0;)
        if (ungetc((uint8_t)bytes[i], stream) == EOF)
            return WEOF;
    return unit;
}

WCHAR *winport_fgetws(WCHAR *text, int size, FILE *stream)
{
    if (text == NULL || size <= 0) {
        errno = EINVAL;
        return NULL;
    }
    int count = 0;
    while (count < size - 1) {
        const wint_t unit = winport_fgetwc(stream);
        if (unit == WEOF)
            break;
        text[count++] = (WCHAR)unit;
        if (unit == '\n')
            break;
    }
    text[count] = 0;
    return count == 0 && size > 1 ? NULL : text;
}

/* A line without its end, as gets. */
static bool read_line(WCHAR *text, size_t size)
{
    size_t count = 0;
    wint_t unit;
    while ((unit = winport_fgetwc(stdin)) != WEOF && unit != '\n') {
        if (count + 1 >= size) {
            while ((unit = winport_fgetwc(stdin)) != WEOF && unit != '\n')
                ;
            text[0] = 0;
            errno = ERANGE;
            return false;
        }
        text[count++] = (WCHAR)unit;
    }
    text[count] = 0;
    return count != 0 || unit != WEOF;
}

WCHAR *_getws(WCHAR *text)
{
    return text != NULL && read_line(text, SIZE_MAX) ? text : NULL;
}

WCHAR *_getws_s(WCHAR *text, size_t size)
{
    if (text == NULL || size == 0) {
        errno = EINVAL;
        return NULL;
    }
    return read_line(text, size) ? text : NULL;
}

char *winport_gets(char *text)
{
    return gets_s(text, SIZE_MAX);
}

char *gets_s(char *text, size_t size)
{
    size_t count = 0;
    int byte;
    if (text == NULL || size == 0) {
        errno = EINVAL;
        return NULL;
    }
    while ((byte = getchar()) != EOF && byte != '\n') {
        if (count + 1 < size)
            text[count] = (char)byte;
        count++;
    }
    if (count >= size) {
        text[0] = '\0';
        errno = ERANGE;
        return NULL;
    }
    text[count] = '\0';
    return count != 0 || byte != EOF ? text : NULL;
}
