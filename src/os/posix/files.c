/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of data on POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/files.h"

#include "base/alloc.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* Root's, and a directory where everybody makes files protects root's. */
static bool is_roots(const struct stat *status)
{
    return status->st_uid == 0
           && (S_ISLNK(status->st_mode) || (status->st_mode & S_IWOTH) == 0
               || (S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0));
}

bool os_path_is_own(const char *path)
{
    char part[FILES_PATH_MAX];
    struct stat link, status;
    if (geteuid() != 0)
        return true;
    for (size_t i = 0; i < sizeof(part); i++) {
        part[i] = '\0';
        if (i > 0 && (path[i] == '/' || path[i] == '\0')) {
            if (lstat(part, &link) != 0)
                return errno == ENOENT || errno == ENOTDIR;
            if (!is_roots(&link) || (stat(part, &status) == 0 && !is_roots(&status)))
                return false;
        }
        if (path[i] == '\0')
            return true;
        part[i] = path[i];
    }
    return false;
}

static enum sc_error last_error(void)
{
    switch (errno) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return SC_E_NO_ACCESS;
    case ENOMEM:
        return SC_E_NO_MEMORY;
    default:
        return SC_F_INTERNAL_ERROR;
    }
}

/* Another process may make it at the same time, and is as welcome. */
static enum sc_error make_directory(const char *path, mode_t mode)
{
    if (mkdir(path, mode) != 0)
        return errno == EEXIST ? SC_OK : last_error();
    return chmod(path, mode) == 0 ? SC_OK : last_error();
}

/* Those above `path`, from the first that is missing on. */
static enum sc_error make_parents(const char *path, mode_t mode)
{
    char parent[FILES_PATH_MAX];
    struct stat status;
    enum sc_error error = SC_OK;
    for (size_t i = 1; error == SC_OK && path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        if (i >= sizeof(parent))
            return SC_E_NO_ACCESS;
        memcpy(parent, path, i);
        parent[i] = '\0';
        if (stat(parent, &status) != 0)
            error = make_directory(parent, mode);
    }
    return error;
}

enum sc_error os_make_file(const char *path, enum files_audience audience)
{
    mode_t mode = audience == FILES_SHARED ? 0644 : 0600;
    if (os_file_exists(path))
        return SC_OK;
    enum sc_error error = make_parents(path, audience == FILES_SHARED ? 0755 : 0700);
    if (error != SC_OK)
        return error;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        return errno == EEXIST ? SC_OK : last_error();
    if (fchmod(file, mode) != 0)
        error = last_error();
    close(file);
    return error;
}

static enum sc_error read_open_file(int file, size_t max, uint8_t **bytes, size_t *size)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return SC_E_NO_ACCESS;
    if (status.st_size < 0 || (uint64_t)status.st_size > max)
        return SC_E_NO_MEMORY;
    size_t room = (size_t)status.st_size, have = 0;
    uint8_t *all = mem_alloc(room);
    if (all == NULL)
        return SC_E_NO_MEMORY;
    while (have < room) {
        ssize_t got = read(file, all + have, room - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break; /* cut meanwhile */
        have += (size_t)got;
    }
    *bytes = all;
    *size = have;
    return SC_OK;
}

enum sc_error os_read_file(const char *path, size_t max, uint8_t **bytes, size_t *size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return SC_E_NO_ACCESS;
    enum sc_error error = read_open_file(file, max, bytes, size);
    close(file);
    return error;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name), wanted = strlen(suffix);
    return name[0] != '.' && size > wanted && strcmp(name + size - wanted, suffix) == 0;
}

/* Unlike alphasort, the same order in every locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void give_name(const char *directory, const char *name, files_take_path *take,
                      void *context)
{
    char path[FILES_PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (size > 0 && (size_t)size < sizeof(path))
        take(context, path);
    else
        log_error("%s: too long a path", directory);
}

enum sc_error os_list_names(const char *directory, const char *suffix, unsigned max,
                            files_take_path *take, void *context)
{
    struct dirent **entries = NULL;
    unsigned given = 0;
    int count = scandir(directory, &entries, NULL, compare_names);
    if (count < 0)
        return errno == ENOENT || errno == ENOTDIR ? SC_E_FILE_NOT_FOUND : SC_E_NO_ACCESS;
    for (int i = 0; i < count; i++) {
        if (ends_with(entries[i]->d_name, suffix) && given++ < max)
            give_name(directory, entries[i]->d_name, take, context);
        free(entries[i]);
    }
    free(entries);
    if (given > max)
        log_error("%s: more than %u files", directory, max);
    return SC_OK;
}

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000U + (uint64_t)time->tv_nsec;
}

bool os_file_entry(const char *path, struct files_entry *entry)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    entry->path = path;
    entry->modified_ns = nanoseconds(&status.st_mtim);
    entry->changed_ns = nanoseconds(&status.st_ctim);
    entry->size = (uint64_t)status.st_size;
    entry->number = (uint64_t)status.st_ino;
    return true;
}
