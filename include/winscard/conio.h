/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and text at the console, for which the terminal stands: that of the standard input, or
 * what the standard input is otherwise. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <conio.h>
#endif

#ifndef WINSCARD_CONIO_H
#define WINSCARD_CONIO_H

#ifndef WINSCARD_ON_WINDOWS

#include "winscard/crt.h"

#ifdef WINSCARD_WITH_PORT

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

/* The next key without waiting for Enter, which is 13; _getche shows it. Keys without a
 * character give 0 or 224 and a second code on Windows; here they give the bytes that the
 * terminal sends for them. Control-C ends the program. EOF at the end of input. */
WINPORT_API(int) _getch(void) WINPORT_NAME(_getch);
WINPORT_API(int) _getche(void) WINPORT_NAME(_getche);
WINPORT_API(int) getch(void) WINPORT_NAME(_getch);
WINPORT_API(int) getche(void) WINPORT_NAME(_getche);

/* Not 0 if there is a key to read. */
WINPORT_API(int) _kbhit(void) WINPORT_NAME(_kbhit);
WINPORT_API(int) kbhit(void) WINPORT_NAME(_kbhit);

/* The key is what the next _getch returns; one key can wait so. */
WINPORT_API(int) _ungetch(int key) WINPORT_NAME(_ungetch);
WINPORT_API(int) ungetch(int key) WINPORT_NAME(_ungetch);

/* To the standard output, at once; a character, a text. */
WINPORT_API(int) _putch(int character) WINPORT_NAME(_putch);
WINPORT_API(int) putch(int character) WINPORT_NAME(_putch);
WINPORT_API(int) _cputs(const char *text) WINPORT_NAME(_cputs);
WINPORT_API(int) cputs(const char *text) WINPORT_NAME(_cputs);

#define _cprintf(...) printf(__VA_ARGS__)
#define _cscanf(...)  scanf(__VA_ARGS__)

WINPORT_API(wint_t) _getwch(void) WINPORT_NAME(_getwch);
WINPORT_API(wint_t) _getwche(void) WINPORT_NAME(_getwche);
WINPORT_API(wint_t) _putwch(WCHAR character) WINPORT_NAME(_putwch);

#ifdef _UNICODE
#define _gettch  _getwch
#define _gettche _getwche
#define _puttch  _putwch
#else
#define _gettch  _getch
#define _gettche _getche
#define _puttch  _putch
#endif

#endif
#endif
#endif
