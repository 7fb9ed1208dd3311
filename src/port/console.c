/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: the terminal that a descriptor is, if it is one. */
#include "port/convert.h"
#include "port/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* --- The three handles -------------------------------------------------------------- */

/* With the lock. */
static HANDLE standard_handle(int descriptor)
{
    static HANDLE handles[3];
    if (handles[descriptor] != NULL)
        return handles[descriptor];
    struct winport_object *file = winport_object_new(WINPORT_FILE);
    if (file == NULL)
        return NULL;
    file->file.descriptor = descriptor;
    handles[descriptor] = winport_handle_new(file);
    file->file.standard = handles[descriptor];
    if (handles[descriptor] == NULL)
        file->kind = WINPORT_ANY; /* its descriptor stays open */
    winport_object_drop(file);
    return handles[descriptor];
}

HANDLE GetStdHandle(DWORD which)
{
    DWORD descriptor = STD_INPUT_HANDLE - which;
    if (descriptor > 2) {
        winport_fail(ERROR_INVALID_HANDLE);
        return INVALID_HANDLE_VALUE;
    }
    pthread_mutex_lock(&winport_lock);
    HANDLE handle = standard_handle((int)descriptor);
    pthread_mutex_unlock(&winport_lock);
    return handle == NULL ? INVALID_HANDLE_VALUE : handle;
}

/* A console, held; NULL, and ERROR_INVALID_HANDLE: it is none. */
static struct winport_object *hold_console(HANDLE handle)
{
    struct winport_object *file = winport_file_hold(handle);
    if (file != NULL && !isatty(file->file.descriptor)) {
        winport_file_let_go(file);
        file = NULL;
        winport_fail(ERROR_INVALID_HANDLE);
    }
    return file;
}

/* --- Modes -------------------------------------------------------------------------- */

#define INPUT_MODES (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)
#define OUTPUT_MODES                                                                     \
    (ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT                                 \
     | ENABLE_VIRTUAL_TERMINAL_PROCESSING)
/* Taken, and without a meaning for a terminal. */
#define INPUT_HINTS                                                                      \
    (ENABLE_INSERT_MODE | ENABLE_QUICK_EDIT_MODE | ENABLE_EXTENDED_FLAGS                 \
     | ENABLE_VIRTUAL_TERMINAL_INPUT)

/* Of the standard ones the first; of a terminal that was opened, what can be read. */
static bool is_input(const struct winport_object *console)
{
    const int descriptor = console->file.descriptor;
    if (console->file.standard != NULL)
        return descriptor == STDIN_FILENO;
    return (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_WRONLY;
}

BOOL GetConsoleMode(HANDLE handle, LPDWORD mode)
{
    if (mode == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *console = hold_console(handle);
    if (console == NULL)
        return FALSE;
    struct termios terminal;
    BOOL done = tcgetattr(console->file.descriptor, &terminal) == 0;
    if (!done)
        winport_fail(ERROR_INVALID_HANDLE);
    else if (is_input(console))
        *mode = (DWORD)(((terminal.c_lflag & ISIG) ? ENABLE_PROCESSED_INPUT : 0)
                        | ((terminal.c_lflag & ICANON) ? ENABLE_LINE_INPUT : 0)
                        | ((terminal.c_lflag & ECHO) ? ENABLE_ECHO_INPUT : 0));
    else
        *mode = OUTPUT_MODES;
    winport_file_let_go(console);
    return done;
}

static tcflag_t with(tcflag_t flags, tcflag_t bit, bool on)
{
    return on ? flags | bit : flags & ~bit;
}

static BOOL set_input_mode(int descriptor, DWORD mode)
{
    struct termios terminal;
    if ((mode & ~(DWORD)(INPUT_MODES | INPUT_HINTS)) != 0)
        return winport_fail(ERROR_INVALID_PARAMETER);
    if (tcgetattr(descriptor, &terminal) != 0)
        return winport_fail(ERROR_INVALID_HANDLE);
    tcflag_t flags = terminal.c_lflag;
    flags = with(flags, ISIG, (mode & ENABLE_PROCESSED_INPUT) != 0);
    flags = with(flags, ICANON, (mode & ENABLE_LINE_INPUT) != 0);
    flags = with(flags, ECHO, (mode & ENABLE_ECHO_INPUT) != 0);
    terminal.c_lflag = flags;
    return tcsetattr(descriptor, TCSANOW, &terminal) == 0
           || winport_fail(ERROR_INVALID_HANDLE);
}

BOOL SetConsoleMode(HANDLE handle, DWORD mode)
{
    struct winport_object *console = hold_console(handle);
    if (console == NULL)
        return FALSE;
    BOOL done;
    if (is_input(console))
        done = set_input_mode(console->file.descriptor, mode);
    else
        done =
            (mode & ~(DWORD)OUTPUT_MODES) == 0 || winport_fail(ERROR_INVALID_PARAMETER);
    winport_file_let_go(console);
    return done;
}

/* --- Text --------------------------------------------------------------------------- */

static BOOL write_console(HANDLE handle, const char *text, size_t bytes)
{
    struct winport_object *console = hold_console(handle);
    if (console == NULL)
        return FALSE;
    winport_file_let_go(console);
    DWORD done;
    (void)fflush(stdout); /* what the program printed before comes before */
    return WriteFile(handle, text, (DWORD)bytes, &done, NULL);
}

BOOL WriteConsoleA(HANDLE console, LPCVOID text, DWORD size, LPDWORD done,
                   LPVOID reserved)
{
    (void)reserved;
    if (text == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    BOOL written = write_console(console, text, size);
    if (done != NULL)
        *done = written ? size : 0;
    return written;
}

BOOL WriteConsoleW(HANDLE console, LPCVOID text, DWORD size, LPDWORD done,
                   LPVOID reserved)
{
    (void)reserved;
    if (text == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    size_t bytes = winport_utf16_to_utf8(text, size, NULL, 0, NULL);
    char *narrow = malloc(bytes + 1);
    if (narrow == NULL)
        return winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    winport_utf16_to_utf8(text, size, narrow, bytes, NULL);
    BOOL written = write_console(console, narrow, bytes);
    free(narrow);
    if (done != NULL)
        *done = written ? size : 0;
    return written;
}

static BOOL read_some(HANDLE handle, char *text, DWORD room, LPDWORD done)
{
    struct winport_object *console = hold_console(handle);
    if (console == NULL)
        return FALSE;
    winport_file_let_go(console);
    (void)fflush(stdout);
    return ReadFile(handle, text, room, done, NULL);
}

BOOL ReadConsoleA(HANDLE handle, LPVOID text, DWORD size, LPDWORD done, LPVOID control)
{
    (void)control;
    return read_some(handle, text, size, done);
}

/* Bytes that the character at the end lacks. */
static DWORD missing_bytes(const char *text, DWORD size)
{
    for (DWORD back = 1; back <= 3 && back <= size; back++) {
        unsigned char byte = (unsigned char)text[size - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        DWORD length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? length - back : 0;
    }
    return 0;
}

#define CONSOLE_READ_MAX 65536 /* more than a line of a terminal has; memory is wiped */

/* A character of UTF-8 has at most as many units of UTF-16 as bytes, and two where one byte
 * of it was read: one unit is kept for that. */
BOOL ReadConsoleW(HANDLE handle, LPVOID text, DWORD size, LPDWORD done, LPVOID control)
{
    (void)control;
    if (done == NULL || (text == NULL && size > 0))
        return winport_fail(ERROR_INVALID_PARAMETER);
    *done = 0;
    if (size > CONSOLE_READ_MAX)
        size = CONSOLE_READ_MAX;
    const size_t room = (size_t)size + 4;
    char *narrow = malloc(room);
    if (narrow == NULL)
        return winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    DWORD bytes = 0, more = 0;
    BOOL read = read_some(handle, narrow, size > 2 ? size - 1 : size, &bytes);
    for (DWORD i = read ? missing_bytes(narrow, bytes) : 0; i > 0; i--) {
        if (!ReadFile(handle, narrow + bytes, 1, &more, NULL) || more == 0)
            break;
        bytes++;
    }
    if (read && size > 0) {
        ((WCHAR *)text)[size - 1] = WINPORT_REPLACEMENT; /* two units in a place of one */
        const size_t units = winport_utf8_to_utf16(narrow, bytes, text, size, NULL);
        *done = units < size ? (DWORD)units : size;
    }
    RtlSecureZeroMemory(narrow, room); /* it may be a PIN */
    free(narrow);
    return read;
}

/* --- Looks -------------------------------------------------------------------------- */

static _Atomic WORD colours = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE;

/* The number of a colour in ECMA-48: its bits are red, green, blue from the lowest. */
static int colour_of(WORD bits)
{
    return ((bits & FOREGROUND_RED) ? 1 : 0) | ((bits & FOREGROUND_GREEN) ? 2 : 0)
           | ((bits & FOREGROUND_BLUE) ? 4 : 0);
}

BOOL SetConsoleTextAttribute(HANDLE console, WORD attributes)
{
    WORD back = (WORD)(attributes >> 4);
    bool usual =
        (attributes & 0xFF) == (FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE);
    char sequence[32];
    if (usual)
        snprintf(sequence, sizeof(sequence), "\033[0m");
    else
        snprintf(sequence, sizeof(sequence), "\033[%d;%dm",
                 ((attributes & FOREGROUND_INTENSITY) ? 90 : 30) + colour_of(attributes),
                 ((attributes & BACKGROUND_INTENSITY) ? 100 : 40) + colour_of(back));
    if (!write_console(console, sequence, strlen(sequence)))
        return FALSE;
    colours = attributes;
    return TRUE;
}

BOOL GetConsoleScreenBufferInfo(HANDLE handle, PCONSOLE_SCREEN_BUFFER_INFO info)
{
    if (info == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *console = hold_console(handle);
    if (console == NULL)
        return FALSE;
    struct winsize size;
    BOOL done = ioctl(console->file.descriptor, TIOCGWINSZ, &size) == 0;
    winport_file_let_go(console);
    if (!done)
        return winport_fail(ERROR_INVALID_HANDLE);
    COORD cells = {(SHORT)size.ws_col, (SHORT)size.ws_row};
    *info = (CONSOLE_SCREEN_BUFFER_INFO){
        .dwSize = cells,
        .wAttributes = colours,
        .srWindow = {0, 0, (SHORT)(cells.X - 1), (SHORT)(cells.Y - 1)},
        .dwMaximumWindowSize = cells};
    return TRUE;
}

/* A title has no control characters, which would be commands to the terminal. */
BOOL SetConsoleTitleA(LPCSTR title)
{
    if (title == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    size_t size = strlen(title);
    if (size > 65535)
        return winport_fail(ERROR_INVALID_PARAMETER);
    char *sequence = malloc(size + 8);
    if (sequence == NULL)
        return winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    static const char begin[] = {'\033', ']', '2', ';'};
    size_t made = sizeof(begin);
    memcpy(sequence, begin, made);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)title[i] >= ' ' && title[i] != 127)
            sequence[made++] = title[i];
    sequence[made++] = '\a';
    BOOL done = write_console(GetStdHandle(STD_OUTPUT_HANDLE), sequence, made);
    free(sequence);
    return done;
}

BOOL SetConsoleTitleW(LPCWSTR title)
{
    char *narrow = winport_narrow(title);
    BOOL done = narrow != NULL && SetConsoleTitleA(narrow);
    free(narrow);
    return done;
}

UINT GetConsoleCP(void)
{
    return CP_UTF8;
}

UINT GetConsoleOutputCP(void)
{
    return CP_UTF8;
}

BOOL SetConsoleCP(UINT page)
{
    return page == CP_UTF8 || winport_fail(ERROR_INVALID_PARAMETER);
}

BOOL SetConsoleOutputCP(UINT page)
{
    return page == CP_UTF8 || winport_fail(ERROR_INVALID_PARAMETER);
}
