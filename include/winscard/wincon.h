/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: a terminal. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <wincon.h>
#endif

#ifndef WINSCARD_WINCON_H
#define WINSCARD_WINCON_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_OWN_WINDOWS

#define STD_INPUT_HANDLE  ((DWORD)-10)
#define STD_OUTPUT_HANDLE ((DWORD)-11)
#define STD_ERROR_HANDLE  ((DWORD)-12)

#define ENABLE_PROCESSED_INPUT             0x0001
#define ENABLE_LINE_INPUT                  0x0002
#define ENABLE_ECHO_INPUT                  0x0004
#define ENABLE_WINDOW_INPUT                0x0008
#define ENABLE_MOUSE_INPUT                 0x0010
#define ENABLE_INSERT_MODE                 0x0020
#define ENABLE_QUICK_EDIT_MODE             0x0040
#define ENABLE_EXTENDED_FLAGS              0x0080
#define ENABLE_VIRTUAL_TERMINAL_INPUT      0x0200
#define ENABLE_PROCESSED_OUTPUT            0x0001
#define ENABLE_WRAP_AT_EOL_OUTPUT          0x0002
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004

#define FOREGROUND_BLUE      0x0001
#define FOREGROUND_GREEN     0x0002
#define FOREGROUND_RED       0x0004
#define FOREGROUND_INTENSITY 0x0008
#define BACKGROUND_BLUE      0x0010
#define BACKGROUND_GREEN     0x0020
#define BACKGROUND_RED       0x0040
#define BACKGROUND_INTENSITY 0x0080

#define CTRL_C_EVENT        0
#define CTRL_BREAK_EVENT    1
#define CTRL_CLOSE_EVENT    2
#define CTRL_LOGOFF_EVENT   5
#define CTRL_SHUTDOWN_EVENT 6

typedef struct _COORD {
    SHORT X;
    SHORT Y;
} COORD, *PCOORD;

typedef struct _SMALL_RECT {
    SHORT Left;
    SHORT Top;
    SHORT Right;
    SHORT Bottom;
} SMALL_RECT, *PSMALL_RECT;

typedef struct _CONSOLE_SCREEN_BUFFER_INFO {
    COORD dwSize;
    COORD dwCursorPosition;
    WORD wAttributes;
    SMALL_RECT srWindow;
    COORD dwMaximumWindowSize;
} CONSOLE_SCREEN_BUFFER_INFO, *PCONSOLE_SCREEN_BUFFER_INFO;

typedef BOOL(WINAPI *PHANDLER_ROUTINE)(DWORD event);

#ifdef WINSCARD_WITH_PORT

/* Handles of the descriptors 0, 1 and 2, the same each time; CloseHandle() leaves them.
 * INVALID_HANDLE_VALUE, ERROR_INVALID_HANDLE: another number. */
WINPORT_API(HANDLE) GetStdHandle(DWORD which) WINPORT_NAME(GetStdHandle);
/* Of a terminal: FALSE, ERROR_INVALID_HANDLE, of anything else. Input has
 * ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT and ENABLE_PROCESSED_INPUT, which are the terminal's
 * ECHO, ICANON and ISIG; as on Windows, what is set stays when the program ends. Other
 * bits of input, and those of output but the first three, are ERROR_INVALID_PARAMETER where
 * they ask for what a terminal has not. */
WINPORT_API(BOOL)
GetConsoleMode(HANDLE console, LPDWORD mode) WINPORT_NAME(GetConsoleMode);
WINPORT_API(BOOL) SetConsoleMode(HANDLE console, DWORD mode) WINPORT_NAME(SetConsoleMode);
/* UTF-8 whatever the page; characters in *done, which may be NULL. As ERROR_INVALID_HANDLE
 * says on Windows too, a terminal alone takes them: a file or pipe has WriteFile(). */
WINPORT_API(BOOL)
WriteConsoleA(HANDLE console, LPCVOID text, DWORD size, LPDWORD done, LPVOID reserved)
    WINPORT_NAME(WriteConsoleA);
WINPORT_API(BOOL)
WriteConsoleW(HANDLE console, LPCVOID text, DWORD size, LPDWORD done, LPVOID reserved)
    WINPORT_NAME(WriteConsoleW);
/* At most `size` characters of a line, or without ENABLE_LINE_INPUT what is there. A line
 * ends with "\r\n", as there; at its end without it, *done is 0. Characters are whole, but for
 * one of two units where `size` is below 3: U+FFFD. */
WINPORT_API(BOOL)
ReadConsoleA(HANDLE console, LPVOID text, DWORD size, LPDWORD done, LPVOID control)
    WINPORT_NAME(ReadConsoleA);
WINPORT_API(BOOL)
ReadConsoleW(HANDLE console, LPVOID text, DWORD size, LPDWORD done, LPVOID control)
    WINPORT_NAME(ReadConsoleW);
/* Colours of what is written from now on, by the terminal's own sequences (ECMA-48). */
WINPORT_API(BOOL)
SetConsoleTextAttribute(HANDLE console, WORD attributes)
    WINPORT_NAME(SetConsoleTextAttribute);
/* Size of the terminal and the colours last set; the cursor's place is (0, 0). */
WINPORT_API(BOOL)
GetConsoleScreenBufferInfo(HANDLE console, PCONSOLE_SCREEN_BUFFER_INFO info)
    WINPORT_NAME(GetConsoleScreenBufferInfo);
WINPORT_API(BOOL) SetConsoleTitleA(LPCSTR title) WINPORT_NAME(SetConsoleTitleA);
WINPORT_API(BOOL) SetConsoleTitleW(LPCWSTR title) WINPORT_NAME(SetConsoleTitleW);
/* 65001: all text is UTF-8. Setting another page is ERROR_INVALID_PARAMETER. */
WINPORT_API(UINT) GetConsoleCP(void) WINPORT_NAME(GetConsoleCP);
WINPORT_API(UINT) GetConsoleOutputCP(void) WINPORT_NAME(GetConsoleOutputCP);
WINPORT_API(BOOL) SetConsoleCP(UINT page) WINPORT_NAME(SetConsoleCP);
WINPORT_API(BOOL) SetConsoleOutputCP(UINT page) WINPORT_NAME(SetConsoleOutputCP);
/* SIGINT as CTRL_C_EVENT, SIGQUIT as CTRL_BREAK_EVENT, SIGTERM and SIGHUP as
 * CTRL_CLOSE_EVENT: the handlers are called in a thread of their own, the last added first,
 * until one gives TRUE; else the program ends. NULL with TRUE ignores CTRL_C_EVENT. At most
 * 16 handlers: ERROR_NOT_ENOUGH_MEMORY. Taking away one that is not there:
 * ERROR_INVALID_PARAMETER. */
WINPORT_API(BOOL)
SetConsoleCtrlHandler(PHANDLER_ROUTINE handler, BOOL add)
    WINPORT_NAME(SetConsoleCtrlHandler);

#ifdef UNICODE
#define WriteConsole    WriteConsoleW
#define ReadConsole     ReadConsoleW
#define SetConsoleTitle SetConsoleTitleW
#else
#define WriteConsole    WriteConsoleA
#define ReadConsole     ReadConsoleA
#define SetConsoleTitle SetConsoleTitleA
#endif

#endif
#endif
#endif
#endif
