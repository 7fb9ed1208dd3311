/* SPDX-License-Identifier: BSD-2-Clause */
/* An empty registry for a test of the database. */
#ifndef TESTS_DATABASE_PLACE_WINDOWS_H
#define TESTS_DATABASE_PLACE_WINDOWS_H

#include "place_lists.h"

#include "tests/face/database_place_windows.h"

static inline void place_make(void)
{
    place_begin();
}

static inline void place_remove(void)
{
    place_end();
}

#endif
