/* SPDX-License-Identifier: BSD-2-Clause */
/* Wakes, which a harness without poll() does not need. */
#include "os/socket.h"

enum sc_error os_wake_init(struct os_wake *wake)
{
    (void)wake;
    return SC_E_NO_MEMORY;
}

void os_wake_destroy(struct os_wake *wake)
{
    (void)wake;
}

void os_wake_raise(struct os_wake *wake)
{
    (void)wake;
}

void os_wake_lower(struct os_wake *wake)
{
    (void)wake;
}
