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

static bool read_all(int file, char *text, size_t room)
{
    size_t size = 0;
    while (size + 1 < room) {
        ssize_t got = read(file, text + size, room - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    text[size] = '\0';
    return size + 1 < room;
}

static void read_file(const char *path, char *text, take_text *take, void *context)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || !read_all(file, text, CONFIG_FILE_MAX))
        log_error("%s: cannot be read, or is larger than %d bytes", path,
                  CONFIG_FILE_MAX);
    else
        take(context, path, text);
    if (file >= 0)
        close(file);
}

static int is_config(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5
           && strcmp(entry->d_name + size - 5, ".conf") == 0;
}

static void read_directory(const char *directory, take_text *take, void *context)
{
    struct dirent **entries = NULL;
    char path[CONFIG_PATH_MAX];
    if (access(directory, R_OK) != 0)
        return;
    int count = scandir(directory, &entries, is_config, alphasort);
    char *text = count > 0 ? mem_alloc(CONFIG_FILE_MAX) : NULL;
    for (int i = 0; i < count; i++) {
        int size = snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
        if (i >= CONFIG_FILES_MAX || size < 0 || (size_t)size >= sizeof(path))
            log_error("%s: too many files, or too long a path", directory);
        else if (text != NULL)
            read_file(path, text, take, context);
        free(entries[i]);
    }
    free(entries);
    mem_free(text);
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
