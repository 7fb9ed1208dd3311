/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/forward.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/endpoint.h"
#include "os/setting.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "service/background.h"
#include "service/endpoint_file.h"
#include "users/users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASK_MS = 30000 /* a service that is started by its socket has to start first */ };

/* --- What it is started with -------------------------------------------------------- */

/* Whoever starts it, Wine above all, may have left descriptors of its own to it. */
static void close_others(void)
{
    DIR *all = opendir("/proc/self/fd");
    struct dirent *entry;
    while (all != NULL && (entry = readdir(all)) != NULL) {
        int number = (int)strtol(entry->d_name, NULL, 10);
        if (number > STDERR_FILENO && number != dirfd(all))
            close(number);
    }
    if (all != NULL)
        closedir(all);
}

/* --- Which service ------------------------------------------------------------------ */

static bool answers(const char *path)
{
    struct reader_users users;
    enum sc_error error = users_ask(path, os_now_ms() + ASK_MS, &users);
    users_clear(&users);
    return error == SC_OK || error == SC_E_UNSUPPORTED_FEATURE;
}

/* Whether the service whose file this is, is there. */
static bool is_served(const struct endpoint_file *file)
{
    struct endpoint_file found = *file;
    struct os_socket socket;
    bool there = endpoint_file_read(&found)
                 && os_socket_connect(found.says.address, found.says.port,
                                      os_now_ms() + ASK_MS, &socket)
                        == SC_OK;
    if (there)
        os_socket_close(&socket);
    return there;
}

enum found { FOUND_SERVICE, FOUND_ENDPOINT, FOUND_NOTHING };

/* As programs look for it; the user's own is started by that, if its socket is systemd's,
 * and may have an endpoint then. */
static enum found find_service(const struct forward_options *options,
                               const struct endpoint_file *file, char *path, size_t room)
{
    const char *machine = os_machine_service();
    if (options->path != NULL) {
        int size = snprintf(path, room, "%s", options->path);
        return size > 0 && (size_t)size < room && answers(path) ? FOUND_SERVICE
                                                                : FOUND_NOTHING;
    }
    if (os_user_service(path, room) && answers(path))
        return is_served(file) ? FOUND_ENDPOINT : FOUND_SERVICE;
    int size = snprintf(path, room, "%s", machine);
    return size > 0 && (size_t)size < room && answers(path) ? FOUND_SERVICE
                                                            : FOUND_NOTHING;
}

/* --- Running ------------------------------------------------------------------------ */

static void watch_signals(void *context)
{
    sigset_t set;
    int number = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    (void)sigwait(&set, &number);
    forward_stop(context);
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
}

static int run_forwarder(struct forwarder *forwarder, struct endpoint_file *file,
                         bool background)
{
    struct os_thread signals;
    file->says = forwarder->says;
    if (!endpoint_file_write(file) || (background && !background_ready(false))) {
        endpoint_file_remove(file);
        return 1;
    }
    if (os_thread_start(&signals, "winscardd-sig", watch_signals, forwarder) != SC_OK) {
        endpoint_file_remove(file);
        log_error("no thread can be made");
        return 1;
    }
    forward_run(forwarder);
    endpoint_file_remove(file);
    kill(getpid(), SIGTERM); /* the thread ends, if it has not */
    os_thread_join(&signals);
    return 0;
}

static int forward_to(const char *path, const struct forward_options *options,
                      struct endpoint_file *file)
{
    struct forwarder *forwarder = mem_alloc(sizeof(*forwarder));
    enum sc_error error =
        forwarder != NULL ? forward_init(forwarder, path) : SC_E_NO_MEMORY;
    int status = 1;
    if (error == SC_OK) {
        uint32_t idle_s = options->idle_s != 0 ? options->idle_s : FORWARD_IDLE_S;
        forwarder->idle_ms = idle_s * UINT64_C(1000);
        status = run_forwarder(forwarder, file, options->background);
        forward_destroy(forwarder);
    } else {
        fprintf(stderr, "winscardd: --forward: %s\n", sc_error_words(error));
    }
    mem_free(forwarder);
    return status;
}

int forward_main(const struct forward_options *options)
{
    static struct endpoint_file file;
    char path[OS_UNIX_PATH_MAX];
    close_others();
    if (options->background && !background_begin())
        return 1;
    block_signals();
    if (!endpoint_file_find(&file, OS_OWNER_USER))
        return 1;
    switch (endpoint_file_keep(&file, "forward.lock")) {
    case OS_KEPT:
        break;
    case OS_KEPT_BY_ANOTHER:
        fprintf(stderr, "winscardd: this user has a forwarder already\n");
        return 0;
    case OS_KEPT_BY_NOBODY:
        return 1;
    }
    switch (find_service(options, &file, path, sizeof(path))) {
    case FOUND_SERVICE:
        break;
    case FOUND_ENDPOINT:
        fprintf(stderr, "winscardd: the user's service needs no forwarder\n");
        return 0;
    case FOUND_NOTHING:
        fprintf(stderr, "winscardd: no service answers: %s\n", path);
        return 1;
    }
    return forward_to(path, options, &file);
}
