/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of a test's own, in which it makes up what the doctor looks at. */
#ifndef TESTS_CLI_MADE_UP_H
#define TESTS_CLI_MADE_UP_H

#include "cli/doctor.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/stat.h>

static char root[] = "/tmp/scard-doctor-XXXXXX"; /* for mkdtemp() */

static inline const char *path_of(const char *name)
{
    static char path[PLATFORM_PATH_MAX];
    struct text text;
    text_start(&text, path, sizeof path);
    text_add(&text, "%s/%s", root, name);
    return path;
}

static inline void make_directory(const char *name)
{
    CHECK_EQ(mkdir(path_of(name), 0700), 0);
}

static inline void make_file(const char *name, const char *content)
{
    FILE *file = fopen(path_of(name), "w");
    if (file == NULL)
        abort();
    fputs(content, file);
    fclose(file);
}

#endif
