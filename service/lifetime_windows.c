/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/lifetime.h"

#include "base/log.h"
#include "base/secret.h"
#include "host/host.h"
#include "os/thread.h"
#include "os/time.h"
#include "service/accounts.h"
#include "service/options.h"

#include <windows.h>

/* How far it is. Zeros are what a condition variable of Windows begins with, which somebody
 * may wait for before lifetime_serve(). */
static struct {
    struct os_mutex lock;
    struct os_cond changed;
    struct server *server; /* NULL: there is none */
    struct endpoint_file endpoint;
    bool stopping, over;
} lifetime = {.lock = OS_MUTEX_INIT};

/* --- Ending ------------------------------------------------------------------------- */

void lifetime_stop(void)
{
    os_mutex_lock(&lifetime.lock);
    lifetime.stopping = true;
    if (lifetime.server != NULL)
        server_stop(lifetime.server);
    os_cond_broadcast(&lifetime.changed);
    os_mutex_unlock(&lifetime.lock);
}

static bool wait_for_end(uint64_t deadline_ms) NEEDS_LOCK(lifetime.lock)
{
    while (!lifetime.over
           && os_cond_wait(&lifetime.changed, &lifetime.lock, deadline_ms)) {
    }
    return lifetime.over;
}

bool lifetime_wait(uint64_t deadline_ms)
{
    os_mutex_lock(&lifetime.lock);
    bool over = wait_for_end(deadline_ms);
    os_mutex_unlock(&lifetime.lock);
    return over;
}

static void set_server(struct server *server)
{
    os_mutex_lock(&lifetime.lock);
    lifetime.server = server;
    if (server != NULL && lifetime.stopping)
        server_stop(server);
    os_mutex_unlock(&lifetime.lock);
}

static void set_over(void)
{
    os_mutex_lock(&lifetime.lock);
    lifetime.over = true;
    os_cond_broadcast(&lifetime.changed);
    os_mutex_unlock(&lifetime.lock);
}

/* A driver may never come back from a call: then the process ends around it. */
static void end_in_time(void *context)
{
    (void)context;
    os_mutex_lock(&lifetime.lock);
    while (!lifetime.stopping && !lifetime.over)
        os_cond_wait(&lifetime.changed, &lifetime.lock, OS_FOREVER);
    bool over = wait_for_end(os_now_ms() + LIFETIME_STOP_MS);
    os_mutex_unlock(&lifetime.lock);
    if (over)
        return;
    log_error("a driver does not come back: ending at once");
    endpoint_file_remove(&lifetime.endpoint);
    (void)TerminateProcess(GetCurrentProcess(), 1);
}

/* --- Serving ------------------------------------------------------------------------ */

/* The host runs: all that comes before the first client, and after it. */
static int serve(struct server *server, const struct lifetime_options *options,
                 void (*ready)(void))
{
    struct endpoint_file *endpoint = &lifetime.endpoint;
    enum sc_error error = SC_OK;
    if (!options_readers_complete(options->readers)
        || !tcp_write_files(server, &options->tcp, endpoint)) {
        endpoint_file_remove(endpoint);
        return 1;
    }
    set_server(server);
    if (ready != NULL)
        ready();
    error = server_run_until_stopped(server);
    set_server(NULL);
    endpoint_file_remove(endpoint);
    if (error != SC_OK)
        log_error("the service ends: %s", sc_error_words(error));
    return error == SC_OK ? 0 : 1;
}

static int start_host(struct server *server, const struct lifetime_options *options,
                      void (*ready)(void))
{
    uint32_t context;
    /* Held for as long as the service runs: the host starts, and stays. */
    enum sc_error error = host_establish_service(&context);
    if (error != SC_OK) {
        fprintf(stderr, "winscardd: %s\n", sc_error_words(error));
        return 1;
    }
    int status = serve(server, options, ready);
    (void)host_release(context);
    return status;
}

static int listen_and_serve(const struct server_options *settings,
                            const struct lifetime_options *options, void (*ready)(void))
{
    struct server *server = server_create(settings);
    if (server == NULL) {
        fprintf(stderr, "winscardd: %s\n", sc_error_words(SC_E_NO_MEMORY));
        return 1;
    }
    int status = tcp_listen(server, &options->tcp, &lifetime.endpoint)
                     ? start_host(server, options, ready)
                     : 1;
    server_destroy(server);
    return status;
}

/* One for each user, and one for the machine: programs find no other. */
static bool be_the_only_one(void)
{
    const struct endpoint_file *endpoint = &lifetime.endpoint;
    enum os_kept kept = endpoint_file_keep(endpoint, "service.lock");
    if (kept == OS_KEPT_BY_ANOTHER)
        fprintf(stderr, "winscardd: another one runs already, for %s\n",
                endpoint->owner == OS_OWNER_MACHINE
                    ? "the machine; sc stop winscardd ends it if Windows started it"
                    : "this user; Ctrl-C in its console ends it");
    return kept == OS_KEPT;
}

static int serve_with_policy(const struct lifetime_options *options, void (*ready)(void))
{
    struct policy_store policy;
    struct policy_options trust = {.accounts = accounts_system()};
    struct server_options settings = {.idle_ms = OS_FOREVER, .policy = &policy};
    if (options->exit_idle_s > 0)
        settings.idle_ms = options->exit_idle_s * UINT64_C(1000);
    if (!tcp_prepare(&options->tcp, &lifetime.endpoint, &settings) || !be_the_only_one())
        return 1;
    policy_store_init(&policy, "", &trust); /* there is no file of one */
    int status = policy_store_load(&policy) == SC_OK
                     ? listen_and_serve(&settings, options, ready)
                     : 1;
    policy_store_destroy(&policy);
    secret_clear(settings.token, sizeof(settings.token));
    return status;
}

int lifetime_serve(const struct lifetime_options *options, void (*ready)(void))
{
    struct os_thread watch;
    if (os_thread_start(&watch, "winscardd-end", end_in_time, NULL) != SC_OK) {
        fprintf(stderr, "winscardd: no thread can be made\n");
        return 1;
    }
    int status = serve_with_policy(options, ready);
    set_over();
    os_thread_join(&watch);
    secret_clear(&lifetime.endpoint.says, sizeof(lifetime.endpoint.says));
    return status;
}
