/* SPDX-License-Identifier: BSD-2-Clause */
/* The operating system's part on Unix: POSIX.1-2017, and dladdr where the C library has
 * it. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr, secure choice of winsize */
#endif
#include "cli/platform.h"

#include "cli/api.h"
#include "cli/text.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

void platform_start(void)
{
    /* A terminal here takes UTF-8 already. */
}

bool platform_is_terminal(FILE *file)
{
    const char *type = getenv("TERM");
    bool plain = type == NULL || strcmp(type, "dumb") == 0;
    return !plain && fileno(file) >= 0 && isatty(fileno(file));
}

unsigned platform_width(FILE *file)
{
    struct winsize size = {0};
    if (fileno(file) < 0 || ioctl(fileno(file), TIOCGWINSZ, &size) != 0
        || size.ws_col < 20)
        return 80;
    return size.ws_col;
}

bool platform_is_typed(FILE *file)
{
    return fileno(file) >= 0 && isatty(fileno(file));
}

/* What a terminal sends for keys that end or mend a line. */
enum {
    KEY_INTERRUPT = 3,
    KEY_END = 4,
    KEY_BACKSPACE = 8,
    KEY_KILL = 21,
    KEY_DELETE = 127
};

/* Reads what is typed, key by key. True: up to the end of the line. */
static bool read_keys(int terminal, char *line, size_t room)
{
    size_t size = 0;
    char key;
    while (size < room && read(terminal, &key, 1) == 1 && key != KEY_INTERRUPT
           && key != KEY_END) {
        line[size] = '\0';
        if (key == '\n' || key == '\r')
            return true;
        if (key == KEY_KILL)
            size = 0;
        else if (key != KEY_BACKSPACE && key != KEY_DELETE)
            line[size++] = key;
        else if (size > 0)
            size--;
    }
    line[0] = '\0';
    return false;
}

bool platform_read_secret(const char *prompt, char *line, size_t room)
{
    struct termios before, silent;
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool whole = terminal >= 0 && tcgetattr(terminal, &before) == 0;
    line[0] = '\0';
    if (whole) {
        silent = before;
        /* Key by key, so that the line is nowhere but in `line`. */
        silent.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        tcsetattr(terminal, TCSAFLUSH, &silent);
        (void)!write(terminal, prompt, strlen(prompt));
        whole = read_keys(terminal, line, room);
        tcsetattr(terminal, TCSAFLUSH, &before);
        (void)!write(terminal, "\n", 1);
    }
    if (terminal >= 0)
        close(terminal);
    return whole;
}

void platform_set_binary(FILE *file)
{
    (void)file; /* they always are */
}

uint64_t platform_now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void platform_sleep_ms(unsigned ms)
{
    struct timespec time = {.tv_sec = (time_t)(ms / 1000),
                            .tv_nsec = (long)(ms % 1000) * 1000000L};
    nanosleep(&time, NULL);
}

void platform_time(bool utc, char *text, size_t room)
{
    time_t now = time(NULL);
    struct tm broken = {0};
    if (utc)
        gmtime_r(&now, &broken);
    else
        localtime_r(&now, &broken);
    if (strftime(text, room, utc ? "%Y-%m-%dT%H:%M:%SZ" : "%H:%M:%S", &broken) == 0)
        text[0] = '\0';
}

/* The thread that waits for a signal. */
static struct {
    pthread_mutex_t mutex;
    pthread_t thread;
    sigset_t signals;
    sigset_t before;
    void (*stop)(void *);
    void *context;
    bool running;
    bool interrupted;
    bool ended;
} interrupt = {.mutex = PTHREAD_MUTEX_INITIALIZER};

bool platform_interrupted(void)
{
    pthread_mutex_lock(&interrupt.mutex);
    bool interrupted = interrupt.interrupted;
    pthread_mutex_unlock(&interrupt.mutex);
    return interrupted;
}

/* Notes an interrupt and reaches the target. False when the main thread is done with it.
 */
static bool interrupt_happen(void)
{
    pthread_mutex_lock(&interrupt.mutex);
    bool ended = interrupt.ended;
    void (*stop)(void *) = interrupt.stop;
    void *context = interrupt.context;
    interrupt.interrupted = !ended;
    pthread_mutex_unlock(&interrupt.mutex);
    if (!ended && stop != NULL)
        stop(context);
    return !ended;
}

static void *interrupt_thread(void *unused)
{
    int number = 0;
    (void)unused;
    while (sigwait(&interrupt.signals, &number) != 0)
        continue;
    while (interrupt_happen())
        platform_sleep_ms(20);
    return NULL;
}

bool platform_interrupt_begin(void)
{
    sigemptyset(&interrupt.signals);
    sigaddset(&interrupt.signals, SIGINT);
    sigaddset(&interrupt.signals, SIGTERM);
    sigaddset(&interrupt.signals, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &interrupt.signals, &interrupt.before) != 0)
        return false;
    interrupt.stop = NULL;
    interrupt.interrupted = false;
    interrupt.ended = false;
    interrupt.running =
        pthread_create(&interrupt.thread, NULL, interrupt_thread, NULL) == 0;
    if (!interrupt.running)
        pthread_sigmask(SIG_SETMASK, &interrupt.before, NULL);
    return interrupt.running;
}

void platform_interrupt_target(void (*stop)(void *context), void *context)
{
    pthread_mutex_lock(&interrupt.mutex);
    interrupt.context = context;
    interrupt.stop = stop;
    pthread_mutex_unlock(&interrupt.mutex);
}

void platform_interrupt_end(void)
{
    if (!interrupt.running)
        return;
    pthread_mutex_lock(&interrupt.mutex);
    interrupt.ended = true;
    pthread_mutex_unlock(&interrupt.mutex);
    pthread_kill(interrupt.thread, SIGINT); /* it may still be waiting for one */
    pthread_join(interrupt.thread, NULL);
    interrupt.running = false;
    pthread_sigmask(SIG_SETMASK, &interrupt.before, NULL);
}

bool platform_set_environment(const char *name, const char *value)
{
    return setenv(name, value, 1) == 0;
}

void platform_environment(const char *prefix,
                          void (*found)(void *context, const char *name,
                                        const char *value),
                          void *context)
{
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        char name[128];
        const char *equals = strchr(*entry, '=');
        if (equals == NULL || strncmp(*entry, prefix, strlen(prefix)) != 0)
            continue;
        size_t size = (size_t)(equals - *entry);
        if (size >= sizeof name)
            continue;
        memcpy(name, *entry, size);
        name[size] = '\0';
        found(context, name, equals + 1);
    }
}

static FILE *captured;
static int standard_error = -1;

bool platform_capture_begin(void)
{
    captured = tmpfile();
    if (captured == NULL)
        return false;
    fflush(stderr);
    standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (standard_error >= 0 && dup2(fileno(captured), STDERR_FILENO) >= 0)
        return true;
    if (standard_error >= 0)
        close(standard_error);
    fclose(captured);
    captured = NULL;
    return false;
}

void platform_capture_end(void (*line)(void *context, const char *text), void *context)
{
    char text[600];
    if (captured == NULL)
        return;
    fflush(stderr);
    dup2(standard_error, STDERR_FILENO);
    close(standard_error);
    rewind(captured);
    while (fgets(text, sizeof text, captured) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        line(context, text);
    }
    fclose(captured);
    captured = NULL;
}

enum platform_file_kind platform_file_kind(const char *path)
{
    struct stat status, link;
    if (stat(path, &status) != 0 || lstat(path, &link) != 0)
        return PLATFORM_NOTHING;
    if (S_ISREG(status.st_mode))
        return PLATFORM_FILE;
    if (!S_ISDIR(status.st_mode))
        return PLATFORM_OTHER;
    return S_ISLNK(link.st_mode) ? PLATFORM_FOLDER_LINK : PLATFORM_FOLDER;
}

const char *platform_header_folder(unsigned index)
{
    static const char *const folders[] = {"/usr/local/include", "/usr/include"};
    return index < TEXT_COUNT(folders) ? folders[index] : NULL;
}

void platform_plain_path(char *path)
{
    (void)path; /* a backslash is a letter of a name like any other */
}

enum platform_access platform_access(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return errno == EACCES ? PLATFORM_DENIED : PLATFORM_MISSING;
    return access(path, R_OK | W_OK) == 0 ? PLATFORM_USABLE : PLATFORM_DENIED;
}

bool platform_socket_answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    bool answers =
        connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0;
    close(descriptor);
    return answers;
}

static int not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

bool platform_directory(const char *path, void (*found)(void *context, const char *name),
                        void *context)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, not_dots, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < 4096)
            found(context, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return count >= 0;
}

enum platform_library platform_library(void)
{
    return PLATFORM_LIBRARY_OURS;
}

bool platform_system_answers(void)
{
    return false;
}

bool platform_library_path(char *path, size_t room)
{
    struct text text;
    Dl_info info;
    LONG (*function)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT) = SCardEstablishContext;
    void *address = NULL;
    memcpy(&address, &function, sizeof address); /* as POSIX has it for dlsym */
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return false;
    text_start(&text, path, room);
    char *full = realpath(info.dli_fname, NULL);
    text_add(&text, "%s", full != NULL ? full : info.dli_fname);
    free(full);
    return true;
}

bool platform_connected_socket(unsigned index, char *path, size_t room)
{
    for (int descriptor = 3; descriptor < 256; descriptor++) {
        struct sockaddr_un peer = {0};
        socklen_t size = sizeof peer - 1;
        struct text text;
        if (getpeername(descriptor, (struct sockaddr *)&peer, &size) != 0
            || peer.sun_family != AF_UNIX || peer.sun_path[0] == '\0')
            continue;
        if (index-- > 0)
            continue;
        text_start(&text, path, room);
        text_add(&text, "%s", peer.sun_path);
        return true;
    }
    return false;
}
