/* SPDX-License-Identifier: BSD-2-Clause */
/* As in_service.c: a server in the test's process, found as programs find winscardd.exe, by
 * the file of its endpoint. The readers start with the test's first context. */
#include "os/thread.h"
#include "os/time.h"
#include "service/accounts.h"
#include "service/tcp.h"

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

static struct {
    struct policy_store policy;
    struct server *server;
    struct endpoint_file endpoint;
    struct os_thread thread;
    enum sc_error ended;
    char directory[MAX_PATH];
} service;

static void run(void *context)
{
    (void)context;
    service.ended = server_run_until_stopped(service.server);
}

static void stop(void)
{
    server_stop(service.server);
    os_thread_join(&service.thread);
    server_destroy(service.server);
    policy_store_destroy(&service.policy);
    endpoint_file_remove(&service.endpoint);
    if (service.ended != SC_OK || !RemoveDirectoryA(service.endpoint.directory)) {
        fprintf(stderr, "%s: the service has not ended well\n",
                service.endpoint.directory);
        ExitProcess(1);
    }
    (void)RemoveDirectoryA(service.directory);
}

static bool start_server(void)
{
    static const struct tcp_options tcp = {.endpoint = true};
    struct policy_options trust = {.accounts = accounts_system()};
    struct server_options options = {.idle_ms = OS_FOREVER, .policy = &service.policy};
    policy_store_init(&service.policy, "", &trust);
    if (policy_store_load(&service.policy) != SC_OK
        || !tcp_prepare(&tcp, &service.endpoint, &options))
        return false;
    service.server = server_create(&options);
    return service.server != NULL && tcp_listen(service.server, &tcp, &service.endpoint)
           && tcp_write_files(service.server, &tcp, &service.endpoint)
           && os_thread_start(&service.thread, "service", run, NULL) == SC_OK;
}

__attribute__((constructor)) static void start(void)
{
    char temp[MAX_PATH];
    if (GetTempPathA(sizeof(temp), temp) == 0)
        abort();
    (void)snprintf(service.directory, sizeof(service.directory), "%swinscard-%lu", temp,
                   GetCurrentProcessId());
    (void)CreateDirectoryA(service.directory, NULL);
    (void)SetEnvironmentVariableA("LOCALAPPDATA", service.directory);
    (void)SetEnvironmentVariableA("XDG_RUNTIME_DIR", NULL);
    (void)SetEnvironmentVariableA("WINSCARD_CARRIER", "service");
    if (!start_server())
        abort();
    atexit(stop);
}
