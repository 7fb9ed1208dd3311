/* SPDX-License-Identifier: BSD-2-Clause */
/* A library that test_module loads. */
#include <stdint.h>

#define SEEN __attribute__((visibility("default")))

SEEN extern intptr_t probe_value(void);
SEEN extern int probe_data;

int probe_data = 7;

intptr_t probe_value(void)
{
    return 42;
}
