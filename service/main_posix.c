/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd: options, signals, lifetime. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "host/host.h"
#include "os/setting.h"
#include "os/thread.h"
#include "os/time.h"
#include "service/accounts.h"
#include "service/activation.h"
#include "service/background.h"
#include "service/dispatch.h"
#include "service/forward.h"
#include "service/listen.h"
#include "service/options.h"
#include "service/pcscd.h"
#include "service/policy_print.h"
#include "service/polkit.h"
#include "service/server.h"
#include "service/status.h"
#include "service/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PCSCD_PATH  "/run/pcscd/pcscd.comm"
#define POLICY_PATH "/etc/winscard/policy.conf"

enum {
    PATHS_MAX = 4,
    SOCKET_MODE = 0666,
    FILES_WANTED = 70000,
    STOP_MS = 10000,
    SAME_MS = 1000 /* between two signals that are one */
};

/* What it is started for: to serve, to print the status of a service that runs, or to be a
 * way to one. */
enum mode { MODE_SERVE, MODE_STATUS, MODE_FORWARD };

struct options {
    const char *sockets[PATHS_MAX];
    uint32_t socket_count;
    uint32_t pcscd_records; /* 0: as it comes */
    const char *pcscd;      /* the path for pcscd's clients; NULL: none */
    struct tcp_options tcp;
    struct endpoint_file *endpoint;
    const char *readers;
    const char *policy;
    const char *check_policy; /* a file: say what is wrong with it, and end */
    uint32_t exit_idle_s;     /* 0: never */
    bool foreground;
    bool background; /* leave the terminal once it runs */
    enum mode mode;
};

static void print_usage(FILE *to)
{
    (void)fputs(
        "usage: winscardd [options]\n"
        "  -f, --foreground        stay in the terminal, log to standard error\n"
        "  -s, --socket PATH       listen there (several may be given)\n"
        "      --pcscd             take pcscd's clients as well, at " PCSCD_PATH "\n"
        "      --pcscd-socket PATH the same, there\n"
        "      --pcscd-records N   their libraries are built for N readers (16)\n"
        "  -t, --tcp ADDRESS:PORT  listen on loopback as well, for clients with the "
        "token\n"
        "      --token FILE        where the token is kept, for its owner alone\n"
        "  -e, --endpoint          the same at some port, which a file tells this "
        "user's\n"
        "                          programs that cannot use the socket (Wine)\n"
        "  -r, --readers URIS      as WINSCARD_READERS\n"
        "  -p, --policy FILE       who may do what, instead of " POLICY_PATH "\n"
        "      --check-policy FILE say what is wrong with such a file, and end\n"
        "  -l, --log LEVEL         off, error (unless told), info, debug or trace\n"
        "  -i, --exit-idle SECONDS end when nobody was connected for so long\n"
        "      --status            print who uses the service that runs, and end\n"
        "      --forward           lead this user's programs that cannot use a socket\n"
        "                          (Wine) to the service, and end when nobody needs it\n"
        "  -h, --help   -V, --version\n",
        to);
}

/* --- Options ------------------------------------------------------------------------ */

static bool set_log(const char *level)
{
    if (log_set_level_by_name(level))
        return setenv("WINSCARD_LOG", level, 1) == 0; /* the host reads it at start */
    fprintf(stderr, "winscardd: %s is not a log level\n", level);
    return false;
}

static bool read_records(const char *text, uint32_t *records)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || value == 0
        || value > SERVER_RECORDS_MAX) {
        fprintf(stderr, "winscardd: --pcscd-records wants a number from 1 to %d\n",
                SERVER_RECORDS_MAX);
        return false;
    }
    *records = (uint32_t)value;
    return true;
}

static bool set_mode(struct options *options, enum mode mode)
{
    if (options->mode != MODE_SERVE && options->mode != mode) {
        fprintf(stderr, "winscardd: --status and --forward are two things: name one\n");
        return false;
    }
    options->mode = mode;
    return true;
}

static bool take_option(void *into, int option, const char *value)
{
    struct options *options = into;
    switch (option) {
    case 'f':
        options->foreground = true;
        return true;
    case 's':
        if (options->socket_count == PATHS_MAX) {
            fprintf(stderr, "winscardd: more than %d sockets\n", PATHS_MAX);
            return false;
        }
        options->sockets[options->socket_count++] = value;
        return true;
    case 'P':
        if (options->pcscd == NULL)
            options->pcscd = PCSCD_PATH;
        return true;
    case 'S':
        options->pcscd = value;
        return true;
    case 'R':
        return read_records(value, &options->pcscd_records);
    case 't':
        options->tcp.where = value;
        return true;
    case 'k':
        options->tcp.token_file = value;
        return true;
    case 'e':
        options->tcp.endpoint = true;
        return true;
    case 'r':
        options->readers = value;
        return options_name_readers(value);
    case 'p':
        options->policy = value;
        return true;
    case 'c':
        options->check_policy = value;
        return true;
    case 'l':
        return set_log(value);
    case 'u':
        return set_mode(options, MODE_STATUS);
    case 'w':
        return set_mode(options, MODE_FORWARD);
    case 'i':
        return options_read_seconds(value, &options->exit_idle_s);
    default:
        print_usage(stderr);
        return false;
    }
}

/* -1: go on; else the exit status. */
static int read_options(int count, char **words, struct options *options)
{
    static const struct option known[] = {{"foreground", no_argument, NULL, 'f'},
                                          {"socket", required_argument, NULL, 's'},
                                          {"pcscd", no_argument, NULL, 'P'},
                                          {"pcscd-socket", required_argument, NULL, 'S'},
                                          {"pcscd-records", required_argument, NULL, 'R'},
                                          {"tcp", required_argument, NULL, 't'},
                                          {"token", required_argument, NULL, 'k'},
                                          {"endpoint", no_argument, NULL, 'e'},
                                          {"readers", required_argument, NULL, 'r'},
                                          {"policy", required_argument, NULL, 'p'},
                                          {"check-policy", required_argument, NULL, 'c'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"exit-idle", required_argument, NULL, 'i'},
                                          {"status", no_argument, NULL, 'u'},
                                          {"forward", no_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    const struct options_taken taken = {known, take_option, print_usage, options};
    (void)set_log(options_log_level());
    int status = options_read(count, words, &taken);
    if (status >= 0)
        return status;
    if (options->tcp.where == NULL && options->tcp.token_file != NULL) {
        fprintf(stderr, "winscardd: --token is for --tcp, which is not there\n");
        return 2;
    }
    if (options->tcp.where != NULL && options->tcp.token_file == NULL) {
        fprintf(stderr, "winscardd: --tcp needs --token FILE\n");
        return 2;
    }
    return -1;
}

/* --- Where it listens --------------------------------------------------------------- */

/* A system's service listens in /run, a user's in the user's own directory. */
static bool default_path(char *path, size_t room)
{
    const char *runtime = os_setting(SETTING_USER_RUNTIME);
    const char *base = geteuid() == 0 || runtime == NULL ? "/run" : runtime;
    char directory[OS_UNIX_PATH_MAX];
    int size = snprintf(directory, sizeof(directory), "%s/winscard", base);
    if (size < 0 || (size_t)size >= sizeof(directory))
        return false;
    if (mkdir(directory, geteuid() == 0 ? 0755 : 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "winscardd: %s: %s%s\n", directory, strerror(errno),
                geteuid() != 0 && runtime == NULL
                    ? " (XDG_RUNTIME_DIR is not set: set it, or say --socket PATH)"
                    : "");
        return false;
    }
    size = snprintf(path, room, "%s/winscard.sock", directory);
    return size > 0 && (size_t)size < room;
}

/* Why there is no socket at `path`. */
static void say_unheard(const char *path, enum sc_error error, const char *shared)
{
    const char *why = sc_error_words(error);
    if (error == SC_E_SHARING_VIOLATION)
        why = shared;
    else if (error == SC_E_INVALID_VALUE)
        why = "the path is empty, or longer than one of a socket may be";
    else if (error == SC_E_FILE_NOT_FOUND)
        why = "there is no such directory";
    else if (error == SC_E_NO_ACCESS)
        why = "the directory does not permit it, or has another file of this name";
    fprintf(stderr, "winscardd: %s: %s\n", path, why);
}

static bool listen_unix(struct server *server, const char *path)
{
    enum sc_error error = server_listen_unix(server, path, SOCKET_MODE);
    if (error == SC_OK)
        log_info("listening at %s", path);
    else
        say_unheard(path, error, "another service listens there");
    return error == SC_OK;
}

/* pcscd's own directory is made if it is not there, as pcscd does. */
static bool listen_pcscd(struct server *server, const char *path)
{
    if (strcmp(path, PCSCD_PATH) == 0)
        (void)mkdir("/run/pcscd", 0755); /* if it cannot be made, listening says so */
    enum sc_error error = server_listen_pcscd(server, path, SOCKET_MODE);
    if (error == SC_OK)
        log_info("listening at %s for pcscd's clients", path);
    else
        say_unheard(path, error, "pcscd, or another service, listens there");
    return error == SC_OK;
}

static bool listen_everywhere(struct server *server, const struct options *options)
{
    uint32_t handed = activation_sockets();
    char path[OS_UNIX_PATH_MAX];
    for (uint32_t i = 0; i < handed; i++) {
        const struct protocol *protocol =
            activation_is_named(i, "pcscd") ? &pcscd_protocol : &dispatch_protocol;
        if (server_adopt(server, 3 + (int)i, protocol) != SC_OK) {
            fprintf(stderr, "winscardd: descriptor %u is not a socket\n",
                    (unsigned)(3 + i));
            return false;
        }
    }
    for (uint32_t i = 0; i < options->socket_count; i++)
        if (!listen_unix(server, options->sockets[i]))
            return false;
    if (handed == 0 && options->socket_count == 0
        && (!default_path(path, sizeof(path)) || !listen_unix(server, path)))
        return false;
    if (options->pcscd != NULL && !listen_pcscd(server, options->pcscd))
        return false;
    return tcp_listen(server, &options->tcp, options->endpoint);
}

/* --- Running ------------------------------------------------------------------------ */

static uint32_t ended; /* atomic: nothing of ours runs any more */

/* Until serve_until_signal() says that all has ended, or a second signal comes; what
 * comes within a second is the same one, sent to the group as well (timeout(1), a shell).
 * A driver may never come back from a call: then the process ends around it. */
static void end_in_time(sigset_t set)
{
    uint64_t begin_ms = os_now_ms();
    int number = 0;
    sigdelset(&set, SIGHUP);
    while (atomic_load_u32(&ended) == 0) {
        int left_ms = os_ms_left(begin_ms + STOP_MS);
        const struct timespec patience = {.tv_sec = left_ms / 1000,
                                          .tv_nsec = left_ms % 1000 * 1000000L};
        number = sigtimedwait(&set, NULL, &patience);
        if (atomic_load_u32(&ended) != 0)
            return;
        if (left_ms == 0 || (number > 0 && os_now_ms() - begin_ms >= SAME_MS)) {
            log_error("%s: ending at once",
                      number > 0 ? "a second signal" : "a driver does not come back");
            _exit(1);
        }
    }
}

/* Ready, and how it is with the policy, for `systemctl status`. */
static void notify_ready(struct policy_store *policy)
{
    struct policy_fault fault = {0, ""};
    char text[POLICY_FAULT_MAX + 160], line[32] = "";
    enum policy_state state = policy_store_state(policy, &fault);
    if (fault.line != 0)
        snprintf(line, sizeof(line), " in line %u", (unsigned)fault.line);
    if (state == POLICY_GOOD)
        snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", policy_state_words(state));
    else
        snprintf(text, sizeof(text), "READY=1\nSTATUS=The policy has a fault%s: %s; %s",
                 line, fault.text, policy_state_words(state));
    activation_notify(text);
}

static void watch_signals(void *context)
{
    struct server *server = context;
    struct policy_store *policy = server->options.policy;
    struct policy_fault fault;
    sigset_t set;
    int number = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    while (sigwait(&set, &number) == 0 && number == SIGHUP) {
        activation_notify("RELOADING=1");
        if (policy_store_load(policy) == SC_OK)
            log_info("the policy was read again");
        else
            log_error("%s", policy_state_words(policy_store_state(policy, &fault)));
        notify_ready(policy);
    }
    server_stop(server);
    end_in_time(set);
}

/* Signals come to one thread alone; those of the drivers and of the service block them.
 */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* A descriptor for each of very many clients. */
static void want_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t wanted = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    if (limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_relative(const char *path)
{
    return path != NULL && path[0] != '/';
}

/* Is a path used later that counts from the working directory? The policy is read again,
 * sockets are removed at the end. */
static bool names_relative(const struct options *options)
{
    bool found = is_relative(options->policy) || is_relative(options->pcscd);
    for (uint32_t i = 0; i < options->socket_count; i++)
        found = found || is_relative(options->sockets[i]);
    return found;
}

/* The host runs: all that comes before the first client. */
static bool begin_serving(struct server *server, const struct options *options,
                          struct os_thread *signals)
{
    if (!options_readers_complete(options->readers)
        || !tcp_write_files(server, &options->tcp, options->endpoint)
        || (options->background && !background_ready(names_relative(options))))
        return false;
    if (os_thread_start(signals, "winscardd-sig", watch_signals, server) != SC_OK) {
        log_error("no thread can be made");
        return false;
    }
    notify_ready(server->options.policy);
    return true;
}

static int serve_until_signal(struct server *server, const struct options *options)
{
    struct os_thread signals;
    uint32_t context;
    /* Held for as long as the service runs: the host starts, and stays. */
    enum sc_error error = host_establish_service(&context);
    if (error != SC_OK) {
        fprintf(stderr, "winscardd: %s\n", sc_error_words(error));
        return 1;
    }
    if (!begin_serving(server, options, &signals)) {
        endpoint_file_remove(options->endpoint);
        (void)host_release(context);
        return 1;
    }
    error = server_run_until_stopped(server);
    endpoint_file_remove(options->endpoint);
    activation_notify("STOPPING=1");
    if (error != SC_OK)
        log_error("the service ends: %s", sc_error_words(error));
    (void)host_release(context);
    atomic_store_u32(&ended, 1);
    kill(getpid(), SIGTERM); /* the thread ends, if it has not */
    os_thread_join(&signals);
    return error == SC_OK ? 0 : 1;
}

static int listen_and_serve(const struct server_options *settings,
                            const struct options *options)
{
    struct server *server = server_create(settings);
    if (server == NULL) {
        fprintf(stderr, "winscardd: %s\n", sc_error_words(SC_E_NO_MEMORY));
        return 1;
    }
    int status =
        listen_everywhere(server, options) ? serve_until_signal(server, options) : 1;
    server_destroy(server);
    return status;
}

/* With a fault at the start, a service of systemd's, and one in a terminal, serve root;
 * who puts one into the background by hand is there to mend the policy first. */
static bool load_policy(struct policy_store *policy, const struct options *options)
{
    if (policy_store_load(policy) == SC_OK)
        return true;
    if (!options->background)
        log_error("%s", policy_state_words(POLICY_CLOSED));
    else
        fprintf(stderr, "winscardd: not started; --check-policy %s says what is wrong\n",
                policy->path);
    return !options->background;
}

/* Everything is in the options; the exit status. */
static int run_service(const struct options *options, struct policy_options *trust)
{
    struct policy_store policy;
    struct server_options settings = {.idle_ms = OS_FOREVER,
                                      .owner = geteuid(),
                                      .policy = &policy,
                                      .pcscd_records = options->pcscd_records};
    if (options->readers != NULL)
        setenv("WINSCARD_READERS", options->readers, 1);
    if (options->exit_idle_s > 0)
        settings.idle_ms = options->exit_idle_s * UINT64_C(1000);
    if (!tcp_prepare(&options->tcp, options->endpoint, &settings))
        return 1;
    block_signals();
    want_files();
    policy_store_init(&policy, options->policy != NULL ? options->policy : POLICY_PATH,
                      trust);
    int status = load_policy(&policy, options) ? listen_and_serve(&settings, options) : 1;
    policy_store_destroy(&policy);
    secret_clear(settings.token, sizeof(settings.token));
    secret_clear(&options->endpoint->says, sizeof(options->endpoint->says));
    return status;
}

int main(int count, char **words)
{
    static struct endpoint_file endpoint;
    struct options options = {.endpoint = &endpoint};
    struct policy_options trust = {
        .accounts = accounts_system(), .owner = geteuid(), .can_ask = POLKIT_BUILT};
    int status = read_options(count, words, &options);
    if (status >= 0)
        return status;
    if (options.mode == MODE_STATUS)
        return status_print(options.sockets[0], false) ? 0 : 1;
    if (options.mode == MODE_FORWARD) {
        const struct forward_options forward = {.path = options.sockets[0],
                                                .idle_s = options.exit_idle_s,
                                                .background = !options.foreground};
        return forward_main(&forward);
    }
    trust.is_named = options.policy != NULL || options.check_policy != NULL;
    if (options.check_policy != NULL)
        return policy_print_faults(options.check_policy, &trust) ? 0 : 1;
    options.background = !options.foreground && activation_sockets() == 0;
    if (options.background && !background_begin())
        return 1;
    return run_service(&options, &trust);
}
