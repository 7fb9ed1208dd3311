/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader configuration on POSIX systems: directories of *.conf files. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/config.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void take_text(void *context, const char *path, const char *text);

/* `text` has room for CONFIG_FILE_MAX bytes and one more: a NUL, or the sign that the
 * file is larger. */
static bool read_all(int file, char *text)
{
    size_t size = 0;
    ssize_t got = 1;
    while (got != 0 && size <= CONFIG_FILE_MAX) {
        got = read(file, text + size, CONFIG_FILE_MAX + 1 - size);
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            size += (size_t)got;
    }
    if (size > CONFIG_FILE_MAX)
        return false;
    text[size] = '\0';
    return strlen(text) == size;
}

static void read_file(const char *path, char *text, take_text *take, void *context)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file >= 0 && read_all(file, text))
        take(context, path, text);
    else
        log_error("%s: cannot be read, is no text, or is larger than %d bytes", path,
                  CONFIG_FILE_MAX);
    if (file >= 0)
        close(file);
}

static int is_config(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5
           && strcmp(entry->d_name + size - 5, ".conf") == 0;
}

/* Unlike alphasort, the same order in every locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_files(const char *directory, struct dirent **entries, int count,
                       take_text *take, void *context)
{
    char path[CONFIG_PATH_MAX];
    char *text = mem_alloc(CONFIG_FILE_MAX + 1);
    if (text == NULL || count > CONFIG_FILES_MAX)
        log_error("%s: no memory, or more than %d files", directory, CONFIG_FILES_MAX);
    for (int i = 0; text != NULL && i < count && i < CONFIG_FILES_MAX; i++) {
        int size = snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
        if (size > 0 && (size_t)size < sizeof(path))
            read_file(path, text, take, context);
        else
            log_error("%s: too long a path", directory);
    }
    mem_free(text);
}

static void read_directory(const char *directory, take_text *take, void *context)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, is_config, compare_names);
    if (count < 0 && errno != ENOENT && errno != ENOTDIR)
        log_error("%s: cannot be listed", directory);
    if (count > 0)
        read_files(directory, entries, count, take, context);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

void os_read_reader_config(take_text *take, void *context)
{
    char path[CONFIG_PATH_MAX];
    const char *base = os_getenv("XDG_CONFIG_HOME");
    const char *under = "/winscard/readers.d";
    read_directory("/etc/winscard/readers.d", take, context);
    if (base == NULL || base[0] != '/') {
        base = os_getenv("HOME");
        under = "/.config/winscard/readers.d";
    }
    if (base == NULL || base[0] != '/')
        return;
    int size = snprintf(path, sizeof(path), "%s%s", base, under);
    if (size > 0 && (size_t)size < sizeof(path))
        read_directory(path, take, context);
}
