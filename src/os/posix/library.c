/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/library.h"

void os_library_keep(void)
{
    /* The libraries are linked with -z nodelete (packaging/cmake/libraries.cmake). */
}
