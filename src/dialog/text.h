/* SPDX-License-Identifier: BSD-2-Clause */
/* Text and multi-strings in the encoding of the file. */
#ifndef DIALOG_TEXT_H
#define DIALOG_TEXT_H

#include "dialog/abi.h"

/* Units before the NUL. */
static inline size_t text_length(const TCHAR *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* What follows a string of a multi-string. */
static inline TCHAR *text_after(TCHAR *text)
{
    return text + text_length(text) + 1;
}

static inline TCHAR text_fold(TCHAR unit)
{
#ifdef _WIN32 /* names compare without regard to case on Windows only */
    if (unit >= 'a' && unit <= 'z')
        return (TCHAR)(unit - ('a' - 'A'));
#endif
    return unit;
}

static inline bool text_same(const TCHAR *one, const TCHAR *other)
{
    while (*one != 0 && text_fold(*one) == text_fold(*other)) {
        one++;
        other++;
    }
    return text_fold(*one) == text_fold(*other);
}

/* Is `text` one of the strings of `list`? */
static inline bool text_listed(TCHAR *list, const TCHAR *text)
{
    for (; *list != 0; list = text_after(list))
        if (text_same(list, text))
            return true;
    return false;
}

/* Compiled for A and for W, each has its own. */
#define text_show WINSCARD_NAME_AW(text_show)

/* For a terminal: UTF-8 of at most `room` bytes with the NUL (16 at least), in which a
 * control character, or what is not a character, is a question mark: names come from
 * readers, and must not be able to steer the terminal. Longer text is cut. */
void text_show(const TCHAR *text, char *out, size_t room);

#endif
