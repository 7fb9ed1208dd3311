/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory of its own for each test of the database: system/, user/ and cards.d/. */
#ifndef TESTS_UNIT_DATABASE_PLACE_H
#define TESTS_UNIT_DATABASE_PLACE_H

#include "place_lists.h"

#include "database/packaged.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];

static inline int place_remove_one(const char *path, const struct stat *status, int type,
                                   struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void place_remove(void)
{
    packaged_clear();
    nftw(place, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *place_path(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof(path[0]), "%s/%s", place, name);
    return out;
}

static inline void place_make(void)
{
    snprintf(place, sizeof(place), "/tmp/database-test-XXXXXX");
    if (mkdtemp(place) == NULL)
        abort();
    setenv("WINSCARD_DATABASE_DIR", place_path("system"), 1);
    setenv("XDG_DATA_HOME", place_path("user"), 1);
    setenv("WINSCARD_CARDS_DIR", place_path("cards.d"), 1);
}

static inline void place_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(place_path(name), "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size)
        abort();
    fclose(file);
}

static inline void place_write_text(const char *name, const char *text)
{
    place_write(name, text, strlen(text));
}

#endif
