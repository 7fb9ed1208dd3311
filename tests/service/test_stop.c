/* SPDX-License-Identifier: BSD-2-Clause */
/* A service that is told to end before it serves, as by a signal while its drivers start, ends
 * well. */
#include "os/time.h"
#include "service/policy_store.h"
#include "service/server.h"
#include "tests/support/check.h"

int main(void)
{
    struct policy_store policy;
    struct policy_options trust = {.owner = 0};
    struct server_options options = {.idle_ms = OS_FOREVER, .policy = &policy};
    policy_store_init(&policy, "/nonexistent/policy", &trust);
    CHECK_EQ(policy_store_load(&policy), SC_OK);
    struct server *server = server_create(&options);
    CHECK(server != NULL);
    if (server == NULL)
        return check_result();
    server_stop(server);
    CHECK_EQ(server_run_until_stopped(server), SC_OK);
    server_destroy(server);
    policy_store_destroy(&policy);
    return check_result();
}
