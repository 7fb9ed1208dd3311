/* SPDX-License-Identifier: BSD-2-Clause */
/* A calls have UTF-8 on Unix, whatever the locale. */
#include "face/ansi.h"

#include <string.h>

enum sc_error face_ansi_in(const char *text, char *out, size_t room)
{
    const char *end = memchr(text, '\0', room);
    if (end == NULL)
        return SC_E_INVALID_VALUE;
    memcpy(out, text, (size_t)(end - text) + 1);
    return SC_OK;
}

enum sc_error face_ansi_out(const char *bytes, size_t size, struct face_ansi *text)
{
    *text = (struct face_ansi){bytes, size, NULL};
    return SC_OK;
}
