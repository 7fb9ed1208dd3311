/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader configuration on POSIX systems: directories of *.conf files. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/config.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void take_text(void *context, const char *path, const char *text);

static void read_list_file(const char *path, take_text *take, void *context)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *why = NULL;
    if (os_read_own_file(path, OS_CARE_TRUSTED, CONFIG_FILE_MAX, &bytes, &size, &why)
        != SC_OK) {
        log_error("%s %s", path, why);
        return;
    }
    char *text = mem_alloc(size + 1);
    if (text != NULL) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    if (text != NULL && strlen(text) == size)
        take(context, path, text);
    else
        log_error("%s is not text", path);
    mem_free(text);
    mem_free(bytes);
}

static int is_config(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5
           && strcmp(entry->d_name + size - 5, ".conf") == 0;
}

/* Unlike alphasort, the same order in every locale. */
static int compare_file_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_files(const char *directory, struct dirent **entries, int count,
                       take_text *take, void *context)
{
    char path[CONFIG_PATH_MAX];
    if (count > CONFIG_FILES_MAX)
        log_error("%s: more than %d files", directory, CONFIG_FILES_MAX);
    for (int i = 0; i < count && i < CONFIG_FILES_MAX; i++) {
        int size = snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
        if (size > 0 && (size_t)size < sizeof(path))
            read_list_file(path, take, context);
        else
            log_error("%s: too long a path", directory);
    }
}

static void read_directory(const char *directory, take_text *take, void *context)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, is_config, compare_file_names);
    if (count < 0 && errno != ENOENT && errno != ENOTDIR)
        log_error("%s: cannot be listed", directory);
    if (count > 0)
        read_files(directory, entries, count, take, context);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

bool os_reader_config_place(bool user, char path[CONFIG_PATH_MAX])
{
    char base[CONFIG_PATH_MAX];
    const char *directory = user ? base : os_machine_config();
    if (user && !os_user_config(base, sizeof(base)))
        return false;
    int size = snprintf(path, CONFIG_PATH_MAX, "%s/readers.d", directory);
    return size > 0 && size < CONFIG_PATH_MAX;
}

void os_read_reader_config(take_text *take, void *context)
{
    char path[CONFIG_PATH_MAX];
    if (os_reader_config_place(false, path))
        read_directory(path, take, context);
    if (!os_reader_config_place(true, path))
        return;
    if (os_path_is_own(path))
        read_directory(path, take, context);
    else
        log_error("%s is not root's own: its readers are not used", path);
}
