/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: a pseudoterminal as input and output of this program, and none. Source:
 * MS-Docs "Console Functions". */
#define _GNU_SOURCE /* posix_openpt() */
#include <windows.h>

#include "tests/port/fails.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int terminal; /* the other end of it */
static int own_input, own_output;

/* This program's input and output are the terminal's. */
static BOOL enter_terminal(void)
{
    terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        return FALSE;
    int line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    struct winsize size = {.ws_col = 100, .ws_row = 40};
    own_input = dup(0);
    own_output = dup(1);
    return line > 2 && ioctl(terminal, TIOCSWINSZ, &size) == 0 && dup2(line, 0) == 0
           && dup2(line, 1) == 1 && close(line) == 0;
}

static void leave_terminal(void)
{
    fflush(stdout);
    CHECK(dup2(own_input, 0) == 0 && dup2(own_output, 1) == 1);
    close(terminal);
}

static void types(const char *text)
{
    CHECK(write(terminal, text, strlen(text)) == (ssize_t)strlen(text));
}

/* What the terminal shows next. */
static void shows(unsigned line, const char *want)
{
    char got[200];
    size_t size = 0;
    while (size < strlen(want)) {
        ssize_t more = read(terminal, got + size, strlen(want) - size);
        if (more <= 0)
            break;
        size += (size_t)more;
    }
    got[size] = '\0';
    check_add(&check_count);
    if (strcmp(got, want) != 0)
        CHECK_FAILED("line %u: shown is \"%s\", want \"%s\"", line, got, want);
}
#define SHOWS(want) shows(__LINE__, want)

/* --- Handles and modes -------------------------------------------------------------- */

static void handles(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    HANDLE error = GetStdHandle(STD_ERROR_HANDLE);
    CHECK(in != out && out != error && in != error);
    CHECK(in != NULL && in != INVALID_HANDLE_VALUE);
    CHECK(GetStdHandle(STD_INPUT_HANDLE) == in);
    CHECK(CloseHandle(in) && CloseHandle(out)); /* they stay */
    CHECK_EQ(GetFileType(in), FILE_TYPE_CHAR);
    CHECK_EQ(GetFileType(out), FILE_TYPE_CHAR);
    CHECK_FAILS_AS(GetStdHandle(0), (intptr_t)INVALID_HANDLE_VALUE, ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(GetStdHandle((DWORD)-13), (intptr_t)INVALID_HANDLE_VALUE,
                   ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(GetStdHandle((DWORD)-9), (intptr_t)INVALID_HANDLE_VALUE,
                   ERROR_INVALID_HANDLE);
}

static void modes(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    const DWORD usual = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
    DWORD mode = 0;
    struct termios line;
    CHECK(GetConsoleMode(in, &mode));
    CHECK_EQ(mode, usual);
    CHECK(SetConsoleMode(in, mode & ~(DWORD)ENABLE_ECHO_INPUT));
    CHECK(tcgetattr(0, &line) == 0);
    CHECK_EQ(line.c_lflag & (ECHO | ICANON | ISIG), ICANON | ISIG);
    CHECK(GetConsoleMode(in, &mode));
    CHECK_EQ(mode, usual & ~(DWORD)ENABLE_ECHO_INPUT);
    CHECK(SetConsoleMode(in, 0));
    CHECK(GetConsoleMode(in, &mode));
    CHECK_EQ(mode, 0);
    /* Without a meaning here. */
    CHECK(SetConsoleMode(in, usual | ENABLE_INSERT_MODE | ENABLE_QUICK_EDIT_MODE
                                 | ENABLE_EXTENDED_FLAGS));
    CHECK(GetConsoleMode(in, &mode));
    CHECK_EQ(mode, usual);
    CHECK_FAILS(SetConsoleMode(in, usual | ENABLE_MOUSE_INPUT), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetConsoleMode(in, ENABLE_WINDOW_INPUT), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetConsoleMode(in, NULL), ERROR_INVALID_PARAMETER);
    CHECK(GetConsoleMode(out, &mode));
    CHECK(SetConsoleMode(out, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING));
    CHECK_FAILS(SetConsoleMode(out, 0x8000), ERROR_INVALID_PARAMETER);
}

/* --- Writing and reading ------------------------------------------------------------ */

static void writing(void)
{
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    const WCHAR wide[] = {0x00E9, 0x4E2D, 0xD83D, 0xDE00, '!'};
    DWORD done = 0;
    printf("first ");
    CHECK(WriteConsoleA(out, "narrow \xC3\xA9!", 10, &done, NULL));
    CHECK_EQ(done, 10);
    SHOWS("first narrow \xC3\xA9!");
    CHECK(WriteConsoleW(out, wide, 5, &done, NULL));
    CHECK_EQ(done, 5);
    SHOWS("\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80!");
    CHECK(WriteConsoleW(out, wide + 3, 1, NULL, NULL)); /* half of a character */
    SHOWS("\xEF\xBF\xBD");
    CHECK(WriteConsoleA(out, "", 0, &done, NULL));
    CHECK_EQ(done, 0);
    CHECK(WriteFile(out, "file", 4, &done, NULL));
    SHOWS("file");
    CHECK_FAILS(WriteConsoleA(out, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteConsoleW(out, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
}

static void reads(unsigned line, DWORD room, const char *want)
{
    char text[50];
    DWORD done = 77;
    memset(text, '#', sizeof(text));
    CHECK(ReadConsoleA(GetStdHandle(STD_INPUT_HANDLE), text, room, &done, NULL));
    text[done < 49 ? done : 49] = '\0';
    check_add(&check_count);
    if (done != strlen(want) || strcmp(text, want) != 0)
        CHECK_FAILED("line %u: read is \"%s\", want \"%s\"", line, text, want);
}
#define READS(room, want) reads(__LINE__, room, want)

static void reads_wide(unsigned line, DWORD room, const WCHAR *want, DWORD length)
{
    WCHAR text[51];
    DWORD done = 77;
    text[room] = '#';
    CHECK(ReadConsoleW(GetStdHandle(STD_INPUT_HANDLE), text, room, &done, NULL));
    check_add(&check_count);
    if (done != length || memcmp(text, want, length * sizeof(WCHAR)) != 0)
        CHECK_FAILED("line %u: read are %u characters", line, (unsigned)done);
    CHECK_EQ(text[room], '#');
}
#define READS_WIDE(room, ...)                                                            \
    reads_wide(__LINE__, room, (const WCHAR[]){__VA_ARGS__},                             \
               sizeof((const WCHAR[]){__VA_ARGS__}) / sizeof(WCHAR))

static void reading(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    DWORD mode = 0, done = 0;
    CHECK(GetConsoleMode(in, &mode));
    CHECK(SetConsoleMode(in, mode & ~(DWORD)ENABLE_ECHO_INPUT)); /* as for a PIN */
    types("1234\n");
    READS(50, "1234\r\n");
    types("12345\n");
    READS(4, "123");
    READS(4, "45\r\n");
    types("\n");
    READS(1, "\n"); /* no room for both */
    types("\xC3\xA9\xF0\x9F\x98\x80x\n");
    READS_WIDE(50, 0xE9, 0xD83D, 0xDE00, 'x', '\r', '\n');
    /* No character is cut. */
    types("\xE4\xB8\xAD\xE4\xB8\xADx\n");
    READS_WIDE(3, 0x4E2D);
    READS_WIDE(3, 0x4E2D);
    READS_WIDE(4, 'x', '\r', '\n');
    types("a\xF0\x9F\x98\x80\n");
    READS_WIDE(4, 'a', 0xD83D, 0xDE00);
    READS_WIDE(4, '\r', '\n');
    types("\xF0\x9F\x98\x80\n");
    READS_WIDE(1, 0xFFFD);
    READS_WIDE(2, '\r', '\n');
    types("\xC3\n"); /* half of one */
    WCHAR wide[10];
    CHECK(ReadConsoleW(in, wide, 10, &done, NULL));
    CHECK_EQ(wide[0], 0xFFFD);
    types("\x04"); /* the end */
    READS(50, "");
    CHECK_FAILS(ReadConsoleA(in, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadConsoleA(in, wide, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadConsoleW(in, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadConsoleW(in, wide, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    /* Key by key. */
    CHECK(SetConsoleMode(in, 0));
    types("ab");
    READS(1, "a");
    READS(10, "b");
    types("\n\x03");
    READS_WIDE(10, '\n', 3);
    types("a\xF0\x9F\x98\x80");
    READS_WIDE(2, 'a', 0xFFFD);
    CHECK(SetConsoleMode(in, mode));
}

/* --- Looks -------------------------------------------------------------------------- */

static void looks(void)
{
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    CONSOLE_SCREEN_BUFFER_INFO info;
    CHECK(GetConsoleScreenBufferInfo(out, &info));
    CHECK_EQ(info.dwSize.X, 100);
    CHECK_EQ(info.dwSize.Y, 40);
    CHECK_EQ(info.srWindow.Right, 99);
    CHECK_EQ(info.srWindow.Bottom, 39);
    CHECK_EQ(info.dwMaximumWindowSize.X, 100);
    const WORD usual = info.wAttributes;
    CHECK_EQ(usual, FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE);
    CHECK(SetConsoleTextAttribute(out, FOREGROUND_RED | FOREGROUND_INTENSITY));
    SHOWS("\033[91;40m");
    CHECK(GetConsoleScreenBufferInfo(out, &info));
    CHECK_EQ(info.wAttributes, FOREGROUND_RED | FOREGROUND_INTENSITY);
    CHECK(SetConsoleTextAttribute(out, FOREGROUND_GREEN | BACKGROUND_BLUE
                                           | BACKGROUND_INTENSITY));
    SHOWS("\033[32;104m");
    CHECK(SetConsoleTextAttribute(out, usual));
    SHOWS("\033[0m");
    CHECK_FAILS(GetConsoleScreenBufferInfo(out, NULL), ERROR_INVALID_PARAMETER);
    const WCHAR wide[] = {0x4E2D, 0};
    CHECK(SetConsoleTitleA("A \033title\a\n"));
    SHOWS("\033]2;A title\a");
    CHECK(SetConsoleTitleW(wide));
    SHOWS("\033]2;\xE4\xB8\xAD\a");
    CHECK_FAILS(SetConsoleTitleA(NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetConsoleTitleW(NULL), ERROR_INVALID_PARAMETER);
    static char long_title[65537];
    memset(long_title, 't', sizeof(long_title) - 1);
    CHECK_FAILS(SetConsoleTitleA(long_title), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetConsoleCP(), CP_UTF8);
    CHECK_EQ(GetConsoleOutputCP(), CP_UTF8);
    CHECK(SetConsoleCP(CP_UTF8) && SetConsoleOutputCP(CP_UTF8));
    CHECK_FAILS(SetConsoleCP(1252), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetConsoleOutputCP(437), ERROR_INVALID_PARAMETER);
}

static void not_a_console(HANDLE handle)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    DWORD mode = 0;
    char text[4] = "x";
    CHECK_FAILS(GetConsoleMode(handle, &mode), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetConsoleMode(handle, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(WriteConsoleA(handle, text, 1, &mode, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(WriteConsoleW(handle, text, 1, &mode, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReadConsoleA(handle, text, 1, &mode, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReadConsoleW(handle, text, 1, &mode, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetConsoleScreenBufferInfo(handle, &info), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetConsoleTextAttribute(handle, 7), ERROR_INVALID_HANDLE);
}

static void no_consoles(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0 && dup2(ends[0], 0) == 0 && dup2(ends[1], 1) == 1);
    not_a_console(GetStdHandle(STD_INPUT_HANDLE));
    not_a_console(GetStdHandle(STD_OUTPUT_HANDLE));
    CHECK_FAILS(SetConsoleTitleA("title"), ERROR_INVALID_HANDLE);
    not_a_console(NULL);
    not_a_console(INVALID_HANDLE_VALUE);
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    not_a_console(event);
    CHECK(CloseHandle(event));
    not_a_console(event);
    /* Files, all the same. */
    DWORD done = 0;
    char byte = 0;
    CHECK(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "p", 1, &done, NULL));
    CHECK(ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &done, NULL));
    CHECK_EQ(byte, 'p');
    CHECK_EQ(GetFileType(GetStdHandle(STD_INPUT_HANDLE)), FILE_TYPE_PIPE);
    CHECK(dup2(own_input, 0) == 0 && dup2(own_output, 1) == 1);
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

/* --- Events ------------------------------------------------------------------------- */

static HANDLE handled;
static LONG last_event = -1, first_calls, second_calls;

static BOOL WINAPI first_handler(DWORD event)
{
    InterlockedIncrement(&first_calls);
    InterlockedExchange(&last_event, (LONG)event);
    SetEvent(handled);
    return TRUE;
}

static BOOL WINAPI second_handler(DWORD event)
{
    (void)event;
    InterlockedIncrement(&second_calls);
    return FALSE;
}

static void gives(int number, DWORD event)
{
    CHECK(raise(number) == 0);
    CHECK_EQ(WaitForSingleObject(handled, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(InterlockedExchange(&last_event, -1), event);
}

static void events(void)
{
    handled = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK_FAILS(SetConsoleCtrlHandler(first_handler, FALSE), ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    gives(SIGINT, CTRL_C_EVENT);
    gives(SIGQUIT, CTRL_BREAK_EVENT);
    gives(SIGTERM, CTRL_CLOSE_EVENT);
    gives(SIGHUP, CTRL_CLOSE_EVENT);
    /* The last added is asked first. */
    CHECK(SetConsoleCtrlHandler(second_handler, TRUE));
    gives(SIGINT, CTRL_C_EVENT);
    CHECK_EQ(InterlockedExchangeAdd(&second_calls, 0), 1);
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    gives(SIGINT, CTRL_C_EVENT);
    CHECK_EQ(InterlockedExchangeAdd(&second_calls, 0), 1);
    /* Ignored, and no more. */
    CHECK(SetConsoleCtrlHandler(NULL, TRUE));
    CHECK(raise(SIGINT) == 0);
    gives(SIGTERM, CTRL_CLOSE_EVENT);
    CHECK(SetConsoleCtrlHandler(NULL, FALSE));
    gives(SIGINT, CTRL_C_EVENT);
    CHECK_EQ(InterlockedExchangeAdd(&first_calls, 0), 8);
    /* 16 of them. */
    for (int i = 3; i < 16; i++)
        CHECK(SetConsoleCtrlHandler(second_handler, TRUE));
    CHECK_FAILS(SetConsoleCtrlHandler(first_handler, TRUE), ERROR_NOT_ENOUGH_MEMORY);
    for (int i = 3; i < 17; i++)
        CHECK(SetConsoleCtrlHandler(second_handler, FALSE));
    CHECK_FAILS(SetConsoleCtrlHandler(second_handler, FALSE), ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    gives(SIGINT, CTRL_C_EVENT);
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(CloseHandle(handled));
}

/* A program whose handlers do not deal with it ends, as one without. */
static void ended_by(int number, BOOL ignores)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (ignores)
            SetConsoleCtrlHandler(NULL, TRUE);
        SetConsoleCtrlHandler(second_handler, TRUE);
        raise(number);
        if (ignores && number == SIGINT)
            _exit(9);
        for (;;)
            pause();
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (ignores && number == SIGINT)
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    else
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == number);
}

/* A child after fork() has no handlers: its signals are not its parent's. Not with the thread
 * sanitizer, which keeps a signal that is raised within a handler to itself. */
#ifdef __SANITIZE_THREAD__
static void signals_of_child(void)
{
    printf("signals of a child: not tried, as the thread sanitizer keeps them\n");
}
#else
static void signals_of_child(void)
{
    int status = 0;
    handled = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    pid_t child = fork();
    if (child == 0) {
        (void)raise(SIGTERM);
        _exit(9);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK_EQ(WaitForSingleObject(handled, 100), WAIT_TIMEOUT);
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE) && CloseHandle(handled));
}
#endif

/* A terminal that was opened by its name has an echo to turn off. */
static void echo_of_opened(void)
{
    DWORD mode = 0;
    const char *name = ttyname(0);
    HANDLE opened =
        CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(opened != INVALID_HANDLE_VALUE && GetConsoleMode(opened, &mode));
    CHECK_EQ(mode, ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
    CHECK(SetConsoleMode(opened, mode & ~(DWORD)ENABLE_ECHO_INPUT));
    struct termios line;
    CHECK(tcgetattr(0, &line) == 0 && (line.c_lflag & ECHO) == 0);
    CHECK(SetConsoleMode(opened, mode) && CloseHandle(opened));
}

int main(void)
{
    ended_by(SIGTERM, FALSE);
    ended_by(SIGINT, FALSE);
    ended_by(SIGINT, TRUE); /* what is ignored stays so */
    BOOL entered = enter_terminal();
    CHECK(entered);
    if (entered) {
        handles();
        modes();
        writing();
        reading();
        looks();
        echo_of_opened();
    }
    leave_terminal();
    no_consoles();
    events();
    signals_of_child();
    return check_result();
}
