/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory of a test's own, for the databases of user and machine. */
#ifndef TESTS_UNIT_FACE_DATABASE_PLACE_H
#define TESTS_UNIT_FACE_DATABASE_PLACE_H

#ifdef DATABASE_IS_REGISTRY
#include "tests/face/database_place_windows.h"
#else

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is said of a database that cannot be read. */
#define PLACE_COMPLAINT         "database"

static char place[] = "/tmp/winscard-test-XXXXXX";
static char place_files[2][64]; /* user's, machine's */

static inline void place_begin(void)
{
    if (mkdtemp(place) == NULL)
        abort();
    snprintf(place_files[0], sizeof(place_files[0]), "%s/winscard/cards.sqlite", place);
    snprintf(place_files[1], sizeof(place_files[1]), "%s/cards.sqlite", place);
    setenv("WINSCARD_DATABASE_DIR", place, 1);
    setenv("XDG_DATA_HOME", place, 1);
    setenv("WINSCARD_CARDS_DIR", "/nonexistent", 1);
}

/* Makes files of both that are no databases. */
static inline void place_break(void)
{
    for (unsigned i = 0; i < 2; i++) {
        FILE *file = fopen(place_files[i], "wb");
        if (file == NULL)
            abort();
        for (unsigned j = 0; j < 4096; j++)
            fputc('x', file);
        fclose(file);
    }
}

/* File 0 or 1 may be read, but not written, by anybody: its header says that writing takes a
 * newer program (SQLite's file format, 1.3.3), which root is bound to, too. */
static inline void place_set_read_only(unsigned which)
{
    FILE *file = fopen(place_files[which], "r+b");
    if (file == NULL || fseek(file, 18, SEEK_SET) != 0)
        abort();
    fputc(3, file); /* the file format's write version */
    fclose(file);
}

/* Without a home a user has no database, and that of the machine is out of reach. */
#define PLACE_TAKEN(forgetting) (forgetting) /* what forgetting then gives */
static inline void place_take_away(void)
{
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    setenv("WINSCARD_DATABASE_DIR", "/dev/null/none", 1);
}

static inline bool place_is_empty(void)
{
    return access(place_files[0], F_OK) != 0 && access(place_files[1], F_OK) != 0;
}

static inline void place_empty(void)
{
    unlink(place_files[0]);
    unlink(place_files[1]);
}

static inline void place_end(void)
{
    char folder[64];
    place_empty();
    snprintf(folder, sizeof(folder), "%s/winscard", place);
    rmdir(folder);
    rmdir(place);
}

#endif
#endif
