/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of the scanning calls (crt_scan.h), by which macros call them. */
#include "port/crt/scan.h"

#include <errno.h>

static int scan_source(struct winport_source *source, winport_kinds kinds, bool sizes,
                       const void *format, va_list list)
{
    if (format == NULL) {
        errno = EINVAL;
        return EOF;
    }
    struct winport_arguments arguments;
    va_copy(arguments.list, list);
    struct winport_scan scan = {source, format, kinds, &arguments, sizes};
    const int stored = winport_scan(&scan);
    va_end(arguments.list);
    return stored;
}

static int scan_stream(FILE *stream, unsigned unit, winport_kinds kinds, bool sizes,
                       const void *format, va_list list)
{
    struct winport_source source = {.unit = unit, .stream = stream};
    if (stream == NULL) {
        errno = EINVAL;
        return EOF;
    }
    flockfile(stream);
    const int stored = scan_source(&source, kinds, sizes, format, list);
    winport_source_finish(&source);
    funlockfile(stream);
    return stored;
}

static int scan_string(const void *text, unsigned unit, winport_kinds kinds, bool sizes,
                       const void *format, va_list list)
{
    struct winport_source source = {.unit = unit, .text = text};
    if (text == NULL) {
        errno = EINVAL;
        return EOF;
    }
    return scan_source(&source, kinds, sizes, format, list);
}

/* A call, the one with sizes behind buffers, and the one with a va_list. */
#define LIST(...) __VA_ARGS__
#define CALLS(name, suffix, parameters, scan, from, unit)                                \
    int winport_k_v##name##suffix(winport_kinds kinds, LIST parameters, va_list list)    \
    {                                                                                    \
        return scan(from, unit, kinds, false, format, list);                             \
    }                                                                                    \
    VARIADIC(name##suffix, parameters, scan, from, unit, false)                          \
    VARIADIC(name##_s##suffix, parameters, scan, from, unit, true)
#define VARIADIC(name, parameters, scan, from, unit, sizes)                              \
    int winport_k_##name(winport_kinds kinds, LIST parameters, ...)                      \
    {                                                                                    \
        va_list list;                                                                    \
        va_start(list, format);                                                          \
        const int stored = scan(from, unit, kinds, sizes, format, list);                 \
        va_end(list);                                                                    \
        return stored;                                                                   \
    }

CALLS(scanf, , (const char *format), scan_stream, stdin, UNIT_8)
CALLS(fscanf, , (FILE * stream, const char *format), scan_stream, stream, UNIT_8)
CALLS(sscanf, , (const char *text, const char *format), scan_string, text, UNIT_8)
CALLS(wscanf, 16, (const WCHAR *format), scan_stream, stdin, UNIT_16)
CALLS(fwscanf, 16, (FILE * stream, const WCHAR *format), scan_stream, stream, UNIT_16)
CALLS(swscanf, 16, (const WCHAR *text, const WCHAR *format), scan_string, text, UNIT_16)
CALLS(wscanf, 32, (const wchar_t *format), scan_stream, stdin, UNIT_32)
CALLS(fwscanf, 32, (FILE * stream, const wchar_t *format), scan_stream, stream, UNIT_32)
CALLS(swscanf, 32, (const wchar_t *text, const wchar_t *format), scan_string, text,
      UNIT_32)
