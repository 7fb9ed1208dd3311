/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/running.h"

#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/hang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTLE_MS = CHECK_HANG_MS };

static void run(void *context)
{
    struct running *running = context;
    running->ended = server_run_until_stopped(running->server);
}

static bool listen_there(struct running *running, const char *token)
{
    if (server_listen_unix(running->server, running->path, 0600) != SC_OK
        || server_listen_pcscd(running->server, running->pcscd_path, 0600) != SC_OK)
        return false;
    return token == NULL
           || server_listen_tcp(running->server, "127.0.0.1", 0, &running->tcp_port)
                  == SC_OK;
}

bool running_start(struct running *running, const char *token)
{
    struct policy_options trust = {.owner = (uint32_t)geteuid()};
    struct server_options options = {
        .idle_ms = OS_FOREVER, .owner = trust.owner, .policy = &running->policy};
    memset(running, 0, sizeof(*running));
    snprintf(running->directory, sizeof(running->directory), "/tmp/winscard-test-XXXXXX");
    if (mkdtemp(running->directory) == NULL)
        return false;
    snprintf(running->path, sizeof(running->path), "%s/s", running->directory);
    snprintf(running->pcscd_path, sizeof(running->pcscd_path), "%s/p",
             running->directory);
    if (token != NULL) {
        options.pipes = running->directory;
        options.token_size = strlen(token);
        memcpy(options.token, token, options.token_size);
    }
    policy_store_init(&running->policy, "/nonexistent/policy", &trust);
    if (policy_store_load(&running->policy) != SC_OK)
        return false;
    running->server = server_create(&options);
    if (running->server == NULL || !listen_there(running, token)
        || os_thread_start(&running->thread, "service", run, running) != SC_OK) {
        fprintf(stderr, "%s: the service does not start\n", running->path);
        return false;
    }
    return true;
}

bool running_settles(const struct running *running, uint32_t connections)
{
    uint64_t deadline_ms = os_now_ms() + SETTLE_MS;
    uint32_t count;
    do {
        os_mutex_lock(&running->server->lock);
        count = running->server->connection_count;
        os_mutex_unlock(&running->server->lock);
        if (count == connections)
            return true;
        usleep(500);
    } while (os_now_ms() < deadline_ms);
    fprintf(stderr, "%u connections, not %u\n", (unsigned)count, (unsigned)connections);
    return false;
}

uint64_t running_stop(struct running *running)
{
    uint64_t begin_ms = os_now_ms();
    server_stop(running->server);
    os_thread_join(&running->thread);
    uint64_t spent_ms = os_now_ms() - begin_ms;
    server_destroy(running->server);
    policy_store_destroy(&running->policy);
    rmdir(running->directory);
    return spent_ms;
}
