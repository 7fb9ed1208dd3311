/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers/kit takes from the system besides fuzz_os.c, and does not need where the
 * harness looks after the devices: threads. */
#include "os/thread.h"

enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *context), void *context)
{
    (void)thread;
    (void)name;
    (void)run;
    (void)context;
    return SC_E_NO_MEMORY;
}

void os_thread_join(struct os_thread *thread)
{
    (void)thread;
}
