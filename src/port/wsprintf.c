/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows' own printf(), with its limit, and the inserts of messages. */
#include "port/crt/print.h"
#include "port/text.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 1024 /* units, the NUL included */

/* What does not fit is cut off, and the length is that of what is there. */
static int print(void *to, unsigned unit, const void *format, va_list arguments)
{
    if (to == NULL || format == NULL)
        return 0;
    int length = winport_print_standard(to, ROOM, unit, 0, format, arguments);
    if (length < 0)
        memset(to, 0, unit);
    return length < 0 ? 0 : length < ROOM ? length : ROOM - 1;
}

int wvsprintfA(LPSTR to, LPCSTR format, va_list arguments)
{
    return print(to, UNIT_8, format, arguments);
}

int wvsprintfW(LPWSTR to, LPCWSTR format, va_list arguments)
{
    return print(to, UNIT_16, format, arguments);
}

int wsprintfA(LPSTR to, LPCSTR format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = print(to, UNIT_8, format, arguments);
    va_end(arguments);
    return length;
}

int wsprintfW(LPWSTR to, LPCWSTR format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = print(to, UNIT_16, format, arguments);
    va_end(arguments);
    return length;
}

static int print_counted(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = winport_print_standard(text, size, UNIT_8, 0, format, arguments);
    va_end(arguments);
    return length;
}

char *winport_print(const char *format, const DWORD_PTR values[3])
{
    int length = print_counted(NULL, 0, format, values[0], values[1], values[2]);
    if (length < 0)
        return NULL;
    char *text = malloc((size_t)length + 1);
    if (text != NULL)
        print_counted(text, (size_t)length + 1, format, values[0], values[1], values[2]);
    return text;
}
