/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/trust.h"

#include "base/alloc.h"
#include "os/setting.h"
#include "os/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ENTRY_FIRST = 1024,
    ENTRY_MAX = 1 << 20 /* bytes; groups may have many members */
};

uint32_t os_own_user(void)
{
    return (uint32_t)geteuid();
}

/* --- Names -------------------------------------------------------------------------- */

/* One attempt with this much room: 0 or an errno; *found when there is such a name. */
typedef int look_up(const char *name, char *room, size_t size, uint32_t *id, bool *found);

static int look_up_user(const char *name, char *room, size_t size, uint32_t *id,
                        bool *found)
{
    struct passwd entry, *result = NULL;
    int error = getpwnam_r(name, &entry, room, size, &result);
    *found = error == 0 && result != NULL;
    if (*found)
        *id = (uint32_t)result->pw_uid;
    return error;
}

static int look_up_group(const char *name, char *room, size_t size, uint32_t *id,
                         bool *found)
{
    struct group entry, *result = NULL;
    int error = getgrnam_r(name, &entry, room, size, &result);
    *found = error == 0 && result != NULL;
    if (*found)
        *id = (uint32_t)result->gr_gid;
    return error;
}

/* POSIX lets systems say "no such name" by 0 or, as some do, by these. */
static bool means_not_found(int error)
{
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF
           || error == EPERM;
}

static enum sc_error look_up_id(look_up *attempt, const char *name, uint32_t *id)
{
    bool found = false;
    int error = ERANGE;
    for (size_t size = ENTRY_FIRST; error == ERANGE && size <= ENTRY_MAX; size *= 2) {
        char *room = mem_alloc(size);
        if (room == NULL)
            return SC_E_NO_MEMORY;
        do {
            error = attempt(name, room, size, id, &found);
        } while (error == EINTR);
        mem_free(room);
    }
    if (found)
        return SC_OK;
    return means_not_found(error) ? SC_E_FILE_NOT_FOUND : SC_F_INTERNAL_ERROR;
}

enum sc_error os_find_user(const char *name, uint32_t *uid)
{
    return look_up_id(look_up_user, name, uid);
}

enum sc_error os_find_group(const char *name, uint32_t *gid)
{
    return look_up_id(look_up_group, name, gid);
}

/* --- Files -------------------------------------------------------------------------- */

/* NULL: it may be read. */
static const char *file_fault(const struct stat *found, enum os_care care)
{
    if (!S_ISREG(found->st_mode))
        return "is not a regular file";
    if (found->st_uid != 0 && found->st_uid != geteuid())
        return "belongs neither to root nor to this user";
    if (care == OS_CARE_SECRET && (found->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "may be read or written by others (chmod 600 mends that)";
    return (found->st_mode & S_IWOTH) == 0 ? NULL : "may be written by everybody";
}

static const char *read_open(int file, enum os_care care, size_t max, uint8_t **bytes,
                             size_t *size)
{
    struct stat found;
    const char *fault =
        fstat(file, &found) == 0 ? file_fault(&found, care) : "cannot be read";
    if (fault != NULL)
        return fault;
    uint8_t *room = mem_alloc(max + 1);
    if (room == NULL)
        return "is not read, for want of memory";
    ssize_t got = 1;
    size_t have = 0;
    while (got != 0 && have <= max) {
        got = read(file, room + have, max + 1 - have);
        if (got < 0 && errno != EINTR)
            fault = "cannot be read";
        if (fault != NULL)
            break;
        have += got > 0 ? (size_t)got : 0;
    }
    if (have > max)
        fault = "is too large";
    if (fault != NULL) {
        mem_free(room);
        return fault;
    }
    *bytes = room;
    *size = have;
    return NULL;
}

enum sc_error os_read_own_file(const char *path, enum os_care care, size_t max,
                               uint8_t **bytes, size_t *size, const char **why)
{
    int follow = care == OS_CARE_SECRET ? O_NOFOLLOW : 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | follow);
    if (file < 0 && errno == ENOENT) {
        *why = "is not there";
        return SC_E_FILE_NOT_FOUND;
    }
    if (file < 0) {
        *why = errno == ELOOP ? "is a symbolic link" : "cannot be opened";
        return SC_E_NO_ACCESS;
    }
    *why = read_open(file, care, max, bytes, size);
    close(file);
    return *why == NULL ? SC_OK : SC_E_NO_ACCESS;
}

/* --- Sockets ------------------------------------------------------------------------ */

static bool is_directory_everybodys(const char *path)
{
    char directory[PATH_MAX];
    struct stat found;
    const char *slash = strrchr(path, '/');
    size_t size = slash != NULL ? (size_t)(slash - path) : 0;
    if (size + 2 > sizeof(directory))
        return true;
    if (slash == NULL)
        (void)snprintf(directory, sizeof(directory), ".");
    else
        (void)snprintf(directory, sizeof(directory), "%.*s/", (int)size, path);
    return stat(directory, &found) != 0 || (found.st_mode & S_IWOTH) != 0;
}

bool os_is_everybodys_place(const char *path)
{
    char real[PATH_MAX];
    return is_directory_everybodys(path) || realpath(path, real) == NULL
           || is_directory_everybodys(real);
}

/* --- Services ----------------------------------------------------------------------- */

enum { NUMBER_MAX = 10 }; /* digits of a user's number */

/* A name, or a number. */
static bool names_user(const char *text, uint32_t uid)
{
    uint32_t found = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits <= NUMBER_MAX && text[digits] == '\0')
        return strtoull(text, NULL, 10) == uid;
    return os_find_user(text, &found) == SC_OK && found == uid;
}

static bool is_trusted_user(uint32_t uid, const char *usual, const char *named)
{
    return uid == 0 || uid == os_own_user() || names_user(usual, uid)
           || (named != NULL && names_user(named, uid));
}

enum os_trust os_judge_service(struct os_socket socket, const char *path,
                               const char *usual, uint32_t *uid)
{
    const char *named = os_setting_unless_empty(SETTING_SERVICE_USER);
    uint32_t peer = 0;
    if (named != NULL && strcmp(named, "any") == 0)
        return OS_TRUST_YES;
    if (os_unix_peer(socket, &peer, NULL, NULL) != SC_OK)
        return OS_TRUST_STRANGER;
    *uid = peer;
    if (!is_trusted_user(peer, usual, named))
        return OS_TRUST_STRANGER;
    return os_is_everybodys_place(path) ? OS_TRUST_PLACE : OS_TRUST_YES;
}
