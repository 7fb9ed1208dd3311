/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd on Windows: options, and the console. */
#include "base/alloc.h"
#include "base/log.h"
#include "os/setting.h"
#include "os/time.h"
#include "service/lifetime.h"
#include "service/options.h"
#include "service/scm.h"
#include "service/status.h"

#include <windows.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
    WORDS_MAX = 64,  /* of a command line */
    WORD_MAX = 8192, /* bytes of one, with a NUL */
    SAME_MS = 1000   /* between two Ctrl-C that are one */
};

enum mode { MODE_SERVE, MODE_SERVICE, MODE_STATUS, MODE_INSTALL, MODE_UNINSTALL };

struct options {
    struct lifetime_options serve;
    enum mode mode;
};

static void print_usage(FILE *to)
{
    (void)fputs(
        "usage: winscardd [options]\n"
        "  -r, --readers URIS      as WINSCARD_READERS\n"
        "  -l, --log LEVEL         off, error (unless told), info, debug or trace\n"
        "  -i, --exit-idle SECONDS end when nobody was connected for so long\n"
        "  -t, --tcp ADDRESS:PORT  listen on loopback there as well, for clients with "
        "the\n"
        "                          token\n"
        "      --token FILE        where that token is kept, for its owner alone\n"
        "      --machine           be the machine's service, for administrators, and "
        "not\n"
        "                          this user's\n"
        "      --status            print who uses the service that runs, and end\n"
        "      --install [options] have Windows start it, with these options, for the\n"
        "                          machine; needs an administrator's rights\n"
        "      --uninstall         take that back\n"
        "  -h, --help   -V, --version\n"
        "It stays in the console until Ctrl-C. A file leads programs to it, which this "
        "user\n"
        "alone can read; with --machine, the administrators.\n",
        to);
}

/* --- Options ------------------------------------------------------------------------ */

/* The environment is where the host reads it. */
static bool set_variable(enum setting setting, const char *value)
{
    wchar_t name[64], wide[WORD_MAX];
    return MultiByteToWideChar(CP_UTF8, 0, os_setting_row(setting)->name, -1, name,
                               (int)ARRAY_SIZE(name))
               > 0
           && MultiByteToWideChar(CP_UTF8, 0, value, -1, wide, (int)ARRAY_SIZE(wide)) > 0
           && SetEnvironmentVariableW(name, wide);
}

static bool set_log(const char *level)
{
    if (log_set_level_by_name(level))
        return set_variable(SETTING_LOG, level);
    fprintf(stderr, "winscardd: %s is not a log level\n", level);
    return false;
}

/* What winscardd has on other systems, and why it has not here. */
static bool refuse(int option)
{
    const char *why = "is not known";
    switch (option) {
    case 's':
        why = "--socket: there are no Unix sockets here; programs find the service by a "
              "file, or by --tcp";
        break;
    case 'P':
        why = "--pcscd: its clients come by a Unix socket, and there are none here";
        break;
    case 'c':
        why =
            "--check-policy: there is no policy to check: whoever has the token is this "
            "user";
        break;
    case 'p':
        why = "--policy: whoever has the token may do all, and a policy is about users";
        break;
    case 'w':
        why = "--forward: it leads to a Unix socket, and there are none here";
        break;
    default:
        break;
    }
    fprintf(stderr, "winscardd: %s\n", why);
    return false;
}

static bool set_mode(struct options *options, enum mode mode)
{
    if (options->mode != MODE_SERVE && options->mode != mode) {
        fprintf(stderr, "winscardd: --status, --install, --uninstall and --service are "
                        "four things: name one\n");
        return false;
    }
    options->mode = mode;
    return true;
}

static bool take_option(void *into, int option, const char *value)
{
    struct options *options = into;
    switch (option) {
    case 'f': /* it always is, and a file always leads to it */
    case 'e':
        return true;
    case 't':
        options->serve.tcp.where = value;
        return true;
    case 'k':
        options->serve.tcp.token_file = value;
        return true;
    case 'm':
        options->serve.tcp.owner = OS_OWNER_MACHINE;
        return true;
    case 'r':
        options->serve.readers = value;
        return options_name_readers(value) && set_variable(SETTING_READERS, value);
    case 'l':
        return set_log(value);
    case 'i':
        return options_read_seconds(value, &options->serve.exit_idle_s);
    case 'u':
        return set_mode(options, MODE_STATUS);
    case 'v':
        options->serve.tcp.owner = OS_OWNER_MACHINE;
        return set_mode(options, MODE_SERVICE);
    case 'I':
        return set_mode(options, MODE_INSTALL);
    case 'U':
        return set_mode(options, MODE_UNINSTALL);
    case '?':
        print_usage(stderr);
        return false;
    default:
        return refuse(option);
    }
}

static const struct option known[] = {{"foreground", no_argument, NULL, 'f'},
                                      {"endpoint", no_argument, NULL, 'e'},
                                      {"tcp", required_argument, NULL, 't'},
                                      {"token", required_argument, NULL, 'k'},
                                      {"machine", no_argument, NULL, 'm'},
                                      {"readers", required_argument, NULL, 'r'},
                                      {"log", required_argument, NULL, 'l'},
                                      {"exit-idle", required_argument, NULL, 'i'},
                                      {"status", no_argument, NULL, 'u'},
                                      {"service", no_argument, NULL, 'v'},
                                      {"install", no_argument, NULL, 'I'},
                                      {"uninstall", no_argument, NULL, 'U'},
                                      {"help", no_argument, NULL, 'h'},
                                      {"version", no_argument, NULL, 'V'},
                                      {"socket", required_argument, NULL, 's'},
                                      {"pcscd", no_argument, NULL, 'P'},
                                      {"pcscd-socket", required_argument, NULL, 'P'},
                                      {"pcscd-records", required_argument, NULL, 'P'},
                                      {"policy", required_argument, NULL, 'p'},
                                      {"check-policy", required_argument, NULL, 'c'},
                                      {"forward", no_argument, NULL, 'w'},
                                      {NULL, 0, NULL, 0}};

/* "C:\folder\file", "\\host\share\file". */
static bool is_absolute(const char *path)
{
    bool drive = path[0] != '\0' && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
    return drive || (path[0] == '\\' && path[1] == '\\');
}

/* -1: go on; else the exit status. */
static int read_options(int count, char **words, struct options *options)
{
    const struct options_taken taken = {known, take_option, print_usage, options};
    (void)set_log(options_log_level());
    int status = options_read(count, words, &taken);
    if (status >= 0)
        return status;
    if (options->serve.tcp.where == NULL && options->serve.tcp.token_file != NULL) {
        fprintf(stderr, "winscardd: --token is for --tcp, which is not there\n");
        return 2;
    }
    if (options->serve.tcp.where != NULL && options->serve.tcp.token_file == NULL) {
        fprintf(stderr, "winscardd: --tcp needs --token FILE\n");
        return 2;
    }
    if (options->mode == MODE_INSTALL && options->serve.tcp.token_file != NULL
        && !is_absolute(options->serve.tcp.token_file)) {
        fprintf(stderr,
                "winscardd: --install: --token %s: expected a path from the root, "
                "such as C:\\folder\\token: a service begins in another folder\n",
                options->serve.tcp.token_file);
        return 2;
    }
    return -1;
}

/* --- The console -------------------------------------------------------------------- */

/* In a thread that Windows makes for each. The process is ended when this comes back from
 * the console's end. */
static BOOL WINAPI on_console(DWORD what)
{
    static volatile LONG64 first_ms; /* 0: there was none */
    if (what == CTRL_LOGOFF_EVENT)
        return TRUE; /* services alone are told, of anybody's */
    LONG64 now_ms = (LONG64)os_now_ms() + 1;
    LONG64 before_ms = InterlockedCompareExchange64(&first_ms, now_ms, 0);
    if (before_ms != 0 && now_ms - before_ms >= SAME_MS) {
        log_error("once more: ending at once");
        (void)TerminateProcess(GetCurrentProcess(), 1);
    }
    lifetime_stop();
    if (what != CTRL_C_EVENT && what != CTRL_BREAK_EVENT)
        (void)lifetime_wait(os_now_ms() + LIFETIME_STOP_MS);
    return TRUE;
}

/* What somebody at a console wants to know. */
static void say_ready(void)
{
    if (log_is_on(LOG_ERROR))
        fputs("winscardd: serves; Ctrl-C ends it\n", stderr);
}

static int run(const struct options *options, wchar_t **words, int count)
{
    switch (options->mode) {
    case MODE_STATUS:
        return status_print(NULL, options->serve.tcp.owner == OS_OWNER_MACHINE) ? 0 : 1;
    case MODE_INSTALL:
        return scm_install(words, count) ? 0 : 1;
    case MODE_UNINSTALL:
        return scm_uninstall() ? 0 : 1;
    case MODE_SERVICE:
        (void)SetConsoleCtrlHandler(on_console, TRUE);
        return scm_run(&options->serve);
    case MODE_SERVE:
        break;
    }
    (void)SetConsoleCtrlHandler(on_console, TRUE);
    return lifetime_serve(&options->serve, say_ready);
}

/* --- Words -------------------------------------------------------------------------- */

static char *make_utf8(const wchar_t *word)
{
    char *text = mem_alloc(WORD_MAX);
    if (text != NULL
        && WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, word, -1, text, WORD_MAX,
                               NULL, NULL)
               > 0)
        return text;
    mem_free(text);
    return NULL;
}

/* As getopt_long() takes it: cut short, too. */
static bool is_install(const wchar_t *word)
{
    size_t size = wcslen(word);
    return size > 2 && wcsncmp(word, L"--install", size) == 0;
}

/* All but --install, which the service that is registered is not to see. */
static int drop_install(int count, wchar_t **words, wchar_t **kept)
{
    int left = 0;
    for (int i = 1; i < count; i++)
        if (!is_install(words[i]))
            kept[left++] = words[i];
    return left;
}

/* What the C library of mingw-w64 calls with -municode; no header has it. */
int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    static char *texts[WORDS_MAX + 1];
    static wchar_t *kept[WORDS_MAX];
    struct options options = {.serve = {.tcp = {.endpoint = true}}};
    if (count > WORDS_MAX) {
        fprintf(stderr, "winscardd: more than %d words\n", WORDS_MAX);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        texts[i] = make_utf8(words[i]);
        if (texts[i] == NULL) {
            fprintf(stderr, "winscardd: a word is not text, or longer than %d bytes\n",
                    WORD_MAX);
            return 2;
        }
    }
    int status = read_options(count, texts, &options);
    if (status < 0)
        status = run(&options, kept, drop_install(count, words, kept));
    for (int i = 0; i < count; i++)
        mem_free(texts[i]);
    return status;
}
