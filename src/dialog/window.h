/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialog of Windows: rows of readers, of which the user chooses one that may be chosen.
 * It looks again by itself while it is open. Text is UTF-16, cut to WINDOW_TEXT_MAX. */
#ifndef DIALOG_WINDOW_H
#define DIALOG_WINDOW_H

#include "dialog/abi.h"

enum {
    WINDOW_TEXT_MAX = 320,  /* units of a text, its NUL counted */
    WINDOW_ROWS_MAX = 4096, /* the rest is not shown */
    /* The controls, which a program that helps its user may look for. */
    WINDOW_LIST = 100,
    WINDOW_ADVICE = 101,
    WINDOW_DESCRIPTION = 102
};

struct window_row {
    WCHAR reader[WINDOW_TEXT_MAX];
    WCHAR text[2 * WINDOW_TEXT_MAX]; /* the whole of it, as it is shown */
    bool fits;                       /* it may be chosen */
};

enum window_news { WINDOW_SAME, WINDOW_CHANGED, WINDOW_SETTLED, WINDOW_FAILED };

struct window {
    HWND owner; /* may be NULL */
    HICON icon; /* may be NULL */
    WCHAR title[WINDOW_TEXT_MAX], description[WINDOW_TEXT_MAX];
    void *asker;
    /* Looks at the readers. SETTLED: *chosen answers the question; FAILED: the dialog ends,
     * and the asker knows why. */
    enum window_news (*look)(void *asker, size_t *chosen);
    size_t (*count)(const void *asker);
    void (*row)(const void *asker, size_t index, struct window_row *row);
    const char *(*advice)(const void *asker); /* what the user can do; ASCII */

    /* The window's own. */
    bool opened, looking;
    size_t chosen;
};

/* Asks. SCARD_S_SUCCESS (window->chosen), SCARD_W_CANCELLED_BY_USER,
 * SCARD_E_UNSUPPORTED_FEATURE: there is no screen where a user could see it;
 * SCARD_F_UNKNOWN_ERROR: look() FAILED. */
LONG window_ask(struct window *window);

/* Text of the ANSI code page, or of UTF-16, for the window: what would steer it, or is not
 * text, is a question mark, and what is too long ends with dots. */
void window_textA(const char *text, WCHAR shown[WINDOW_TEXT_MAX]);
void window_textW(const WCHAR *text, WCHAR shown[WINDOW_TEXT_MAX]);
#define window_text WINSCARD_NAME_AW(window_text)

#endif
