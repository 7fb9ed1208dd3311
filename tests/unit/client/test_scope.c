/* SPDX-License-Identifier: BSD-2-Clause */
/* Scopes of contexts, and forks while another thread notes and forgets some. */
#include "client/scope.h"

#include "base/atomic.h"
#include "os/os.h"
#include "tests/check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 300, PATIENCE_S = 20 };

static uint32_t stop;

static void note_some(void *context)
{
    (void)context;
    while (atomic_load_u32(&stop) == 0)
        for (uint32_t i = 10; i < 40; i++) {
            client_scope_note(i, true);
            client_scope_forget(i);
        }
}

/* No context of the parent is one of the child's; it notes its own. */
static bool is_fine_in_child(void)
{
    alarm(PATIENCE_S); /* a lock that nobody holds any more */
    bool fine = !client_scope_is_system(1);
    client_scope_note(2, true);
    return fine && client_scope_is_system(2);
}

int main(void)
{
    struct os_thread thread;
    client_scope_note(1, true);
    client_scope_note(2, false);
    CHECK(client_scope_is_system(1));
    CHECK(!client_scope_is_system(2));
    CHECK_EQ(os_thread_start(&thread, "notes", note_some, NULL), SC_OK);
    for (unsigned i = 0; i < FORKS; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(!is_fine_in_child());
        bool fine = child > 0 && waitpid(child, &status, 0) == child && status == 0;
        CHECK(fine);
        if (!fine)
            break;
    }
    atomic_store_u32(&stop, 1);
    os_thread_join(&thread);
    CHECK(client_scope_is_system(1));
    client_scope_forget(1);
    CHECK(!client_scope_is_system(1));
    return check_result();
}
