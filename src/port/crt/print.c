/* SPDX-License-Identifier: BSD-2-Clause */
/* The printing calls: what each does with a buffer that is too small. */
#include "port/crt/print.h"

#include <errno.h>
#include <limits.h>

int winport_print_stream(FILE *stream, unsigned unit, winport_kinds kinds,
                         const void *format, va_list list)
{
    struct winport_sink sink;
    struct winport_arguments arguments;
    if (stream == NULL) {
        errno = EINVAL;
        return -1;
    }
    va_copy(arguments.list, list);
    winport_sink_stream(&sink, unit, stream);
    const bool done = winport_format(&sink, kinds, format, &arguments);
    const int count = winport_sink_finish(&sink);
    va_end(arguments.list);
    return done ? count : -1;
}

/* Units of the whole text, or -1; `room` of them are written. */
static int print_buffer(void *text, size_t room, unsigned unit, winport_kinds kinds,
                        const void *format, va_list list)
{
    struct winport_sink sink;
    struct winport_arguments arguments;
    va_copy(arguments.list, list);
    winport_sink_buffer(&sink, unit, text, room);
    const bool done = winport_format(&sink, kinds, format, &arguments);
    va_end(arguments.list);
    return done ? winport_sink_finish(&sink) : -1;
}

static void end_at(void *text, unsigned unit, size_t at)
{
    if (unit == UNIT_8)
        ((char *)text)[at] = '\0';
    else if (unit == UNIT_16)
        ((WCHAR *)text)[at] = 0;
    else
        ((uint32_t *)text)[at] = 0;
}

static int refuse_format(void *text, size_t size, unsigned unit, int code)
{
    if (text != NULL && size != 0)
        end_at(text, unit, 0);
    errno = code;
    return -1;
}

int winport_print_standard(void *text, size_t size, unsigned unit, winport_kinds kinds,
                           const void *format, va_list list)
{
    if (text == NULL && size != 0)
        return refuse_format(NULL, 0, unit, EINVAL);
    const size_t room = size == 0 ? 0 : size - 1;
    const int count = print_buffer(text, room, unit, kinds, format, list);
    if (size != 0)
        end_at(text, unit, count < 0 ? 0 : (size_t)count < room ? (size_t)count : room);
    return count;
}

int winport_print_wide(void *text, size_t size, unsigned unit, winport_kinds kinds,
                       const void *format, va_list list)
{
    const int count = winport_print_standard(text, size, unit, kinds, format, list);
    return count >= 0 && (size_t)count >= size ? -1 : count;
}

int winport_print_old(void *text, size_t size, unsigned unit, winport_kinds kinds,
                      const void *format, va_list list)
{
    if ((text == NULL && size != 0) || format == NULL)
        return refuse_format(NULL, 0, unit, EINVAL);
    const int count = print_buffer(text, size, unit, kinds, format, list);
    if (count >= 0 && (size_t)count < size)
        end_at(text, unit, (size_t)count);
    return text != NULL && count >= 0 && (size_t)count > size ? -1 : count;
}

int winport_print_secure(void *text, size_t size, unsigned unit, winport_kinds kinds,
                         const void *format, va_list list)
{
    if (text == NULL || size == 0 || format == NULL)
        return refuse_format(text, size, unit, EINVAL);
    const int count = print_buffer(text, size - 1, unit, kinds, format, list);
    if (count < 0)
        return refuse_format(text, size, unit, errno);
    if ((size_t)count >= size)
        return refuse_format(text, size, unit, ERANGE);
    end_at(text, unit, (size_t)count);
    return count;
}

int winport_print_secure_most(void *text, size_t size, size_t most, unsigned unit,
                              winport_kinds kinds, const void *format, va_list list)
{
    if (text == NULL && size == 0 && most == 0)
        return 0;
    if (text == NULL || size == 0 || format == NULL)
        return refuse_format(text, size, unit, EINVAL);
    const size_t room = most < size ? most : size - 1;
    const int count = print_buffer(text, room, unit, kinds, format, list);
    if (count < 0)
        return refuse_format(text, size, unit, errno);
    if ((size_t)count <= room) {
        end_at(text, unit, (size_t)count);
        return count;
    }
    if (most >= size && most != _TRUNCATE)
        return refuse_format(text, size, unit, ERANGE);
    end_at(text, unit, room);
    return -1;
}

int winport_print_count(unsigned unit, winport_kinds kinds, const void *format,
                        va_list list)
{
    return print_buffer(NULL, 0, unit, kinds, format, list);
}
