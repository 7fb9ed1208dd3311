/* SPDX-License-Identifier: BSD-2-Clause */
/* Printing into a stream or a buffer, for text of any unit (sink.h). -1 is an error, which
 * errno says if it is not that the buffer is too small. */
#ifndef PORT_PRINT_H
#define PORT_PRINT_H

#include "port/crt/format.h"

int winport_print_stream(FILE *stream, unsigned unit, winport_kinds kinds,
                         const void *format, va_list list);

/* As snprintf: cut off, with a NUL; the whole text's units. */
int winport_print_standard(void *text, size_t size, unsigned unit, winport_kinds kinds,
                           const void *format, va_list list);

/* As swprintf: cut off, with a NUL, and then -1. */
int winport_print_wide(void *text, size_t size, unsigned unit, winport_kinds kinds,
                       const void *format, va_list list);

/* As _snprintf: cut off, and then -1; no NUL where there is no room for it. */
int winport_print_old(void *text, size_t size, unsigned unit, winport_kinds kinds,
                      const void *format, va_list list);

/* As sprintf_s: emptied if it does not fit, errno ERANGE. */
int winport_print_secure(void *text, size_t size, unsigned unit, winport_kinds kinds,
                         const void *format, va_list list);

/* As _snprintf_s: at most `most` units, which may be _TRUNCATE; -1 if it was cut off. */
int winport_print_secure_most(void *text, size_t size, size_t most, unsigned unit,
                              winport_kinds kinds, const void *format, va_list list);

/* Units that the text would have. */
int winport_print_count(unsigned unit, winport_kinds kinds, const void *format,
                        va_list list);

#endif
