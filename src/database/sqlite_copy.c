/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a database that a writer left half changed when it died, without the right to
 * write: SQLite would undo the change in the file, and says SQLITE_READONLY_ROLLBACK.
 * This is a file system of SQLite's (https://www.sqlite.org/vfs.html) in which a database
 * and its journal are copies in memory: there SQLite undoes it, and what is on the disk
 * stays as it is for the next program that may write.
 *
 * The copies are made under the shared lock of the real file. While it is held no program
 * changes that file (which takes the exclusive one), nor ends its journal: writers that
 * come find the journal first, and have to undo it before anything else. Each reading
 * copies the whole anew, until a program that may write opens it. */
#include "database/sqlite_internal.h"

#include "base/alloc.h"
#include "os/files.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    COPIES_MAX = 2, /* one for each scope */
    COPY_FILE_MAX = 256 * 1024 * 1024,
    LOCK_TRIES = 500,
    LOCK_PAUSE_US = 10000
};

struct content {
    uint8_t *bytes; /* owned; NULL: there is no such file */
    size_t size;
};

struct copy {
    char path[DATABASE_PATH_MAX]; /* "": free */
    struct content database, journal;
};

/* A file as SQLite has it open. */
struct copy_file {
    sqlite3_file base;
    struct copy *copy;
    struct content *content; /* of it */
};

/* Used by one thread at a time, as all stores are. */
static struct copy copies[COPIES_MAX];
static sqlite3_vfs file_system;
static char file_system_name[32];

static const char suffix[] = "-journal";

/* The copy whose database, or with `journal` whose journal, has this path. */
static struct copy *find_copy(const char *path, bool journal)
{
    size_t end = journal ? sizeof(suffix) - 1 : 0, size = path != NULL ? strlen(path) : 0;
    if (size <= end || (journal && strcmp(path + size - end, suffix) != 0))
        return NULL;
    for (size_t i = 0; i < COPIES_MAX; i++)
        if (strlen(copies[i].path) == size - end
            && memcmp(copies[i].path, path, size - end) == 0)
            return &copies[i];
    return NULL;
}

static void drop_content(struct content *content)
{
    mem_free(content->bytes);
    *content = (struct content){NULL, 0};
}

static void free_copy(struct copy *copy)
{
    drop_content(&copy->database);
    drop_content(&copy->journal);
    copy->path[0] = '\0';
}

/* --- Making copies ------------------------------------------------------------------ */

static int lock_shared(sqlite3_file *file)
{
    int code = SQLITE_BUSY;
    for (unsigned i = 0; code == SQLITE_BUSY && i < LOCK_TRIES; i++) {
        if (i != 0)
            file_system.xSleep(&file_system, LOCK_PAUSE_US);
        code = file->pMethods->xLock(file, SQLITE_LOCK_SHARED);
    }
    return code;
}

/* One that is being written belongs to a change that is not in the file yet. */
static int copy_journal(sqlite3_file *file, struct copy *copy)
{
    char path[DATABASE_PATH_MAX + sizeof(suffix)];
    int reserved = 0, code = file->pMethods->xCheckReservedLock(file, &reserved);
    snprintf(path, sizeof(path), "%s%s", copy->path, suffix);
    if (code != SQLITE_OK || reserved || !os_file_exists(path))
        return code;
    enum sc_error error =
        os_read_file(path, COPY_FILE_MAX, &copy->journal.bytes, &copy->journal.size);
    return error == SC_OK            ? SQLITE_OK
           : error == SC_E_NO_MEMORY ? SQLITE_NOMEM
                                     : SQLITE_CANTOPEN;
}

/* By the real file's methods alone: another descriptor of this process's would end its
 * lock when it is closed (POSIX.1-2017, fcntl). */
static int copy_locked(sqlite3_file *file, struct copy *copy)
{
    assert(copy->database.bytes == NULL && copy->journal.bytes == NULL);
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK && (size < 0 || size > COPY_FILE_MAX))
        code = SQLITE_TOOBIG;
    if (code != SQLITE_OK)
        return code;
    copy->database.bytes = mem_alloc((size_t)size + 1);
    if (copy->database.bytes == NULL)
        return SQLITE_NOMEM;
    copy->database.size = (size_t)size;
    code = file->pMethods->xRead(file, copy->database.bytes, (int)size, 0);
    return code == SQLITE_OK ? copy_journal(file, copy) : code;
}

static int copy_all(const char *name, struct copy *copy)
{
    sqlite3_vfs *real = file_system.pAppData;
    sqlite3_file *file = mem_alloc((size_t)real->szOsFile);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, given = 0;
    if (file == NULL)
        return SQLITE_NOMEM;
    int code = real->xOpen(real, name, file, flags, &given);
    if (code == SQLITE_OK)
        code = lock_shared(file);
    if (code == SQLITE_OK) {
        code = copy_locked(file, copy);
        file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
    }
    if (file->pMethods != NULL)
        file->pMethods->xClose(file);
    mem_free(file);
    return code;
}

/* --- Files -------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
    struct copy_file *file = (struct copy_file *)base;
    if (file->content == &file->copy->database)
        free_copy(file->copy);
    return SQLITE_OK;
}

/* What is behind the end is zeros (SQLITE_IOERR_SHORT_READ). */
static int file_read(sqlite3_file *base, void *to, int size, sqlite3_int64 at)
{
    const struct content *content = ((struct copy_file *)base)->content;
    size_t wanted = (size_t)size, have = 0;
    if ((uint64_t)at < content->size)
        have = content->size - (size_t)at;
    have = have < wanted ? have : wanted;
    if (have != 0)
        memcpy(to, content->bytes + at, have);
    memset((uint8_t *)to + have, 0, wanted - have);
    return have == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_resize(struct content *content, uint64_t size)
{
    assert(content->bytes != NULL || content->size == 0);
    if (size > COPY_FILE_MAX)
        return SQLITE_FULL;
    uint8_t *bytes = mem_resize(content->bytes, (size_t)size + 1);
    if (bytes == NULL)
        return SQLITE_IOERR_NOMEM;
    if (size > content->size)
        memset(bytes + content->size, 0, (size_t)size - content->size);
    content->bytes = bytes;
    content->size = (size_t)size;
    return SQLITE_OK;
}

static int file_write(sqlite3_file *base, const void *from, int size, sqlite3_int64 at)
{
    struct content *content = ((struct copy_file *)base)->content;
    uint64_t end = (uint64_t)at + (uint64_t)size;
    int code = end > content->size ? file_resize(content, end) : SQLITE_OK;
    if (code == SQLITE_OK)
        memcpy(content->bytes + at, from, (size_t)size);
    return code;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    return file_resize(((struct copy_file *)base)->content, (uint64_t)size);
}

static int file_sync(sqlite3_file *base, int flags)
{
    (void)base;
    (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)((struct copy_file *)base)->content->size;
    return SQLITE_OK;
}

/* Nobody else has it. */
static int file_lock(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *base, int *reserved)
{
    (void)base;
    *reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int what, void *value)
{
    (void)base;
    (void)what;
    (void)value;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return 0; /* SQLite's own */
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_sector,
};

/* --- The file system ---------------------------------------------------------------- */

static int open_database(const char *name, struct copy_file *file)
{
    struct copy *copy = &copies[copies[0].path[0] != '\0'];
    if (name == NULL || strlen(name) >= sizeof(copy->path) || copy->path[0] != '\0'
        || find_copy(name, false) != NULL)
        return SQLITE_CANTOPEN;
    memcpy(copy->path, name, strlen(name) + 1);
    int code = copy_all(name, copy);
    if (code != SQLITE_OK) {
        free_copy(copy);
        return code;
    }
    file->copy = copy;
    file->content = &copy->database;
    file->base.pMethods = &methods;
    return SQLITE_OK;
}

static int fs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                   int *given)
{
    struct copy_file *file = (struct copy_file *)base;
    (void)vfs;
    base->pMethods = NULL; /* not to be closed */
    if (given != NULL)
        *given = flags;
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
        return open_database(name, file);
    struct copy *copy =
        (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 ? find_copy(name, true) : NULL;
    if (copy == NULL || copy->journal.bytes == NULL)
        return SQLITE_CANTOPEN;
    file->copy = copy;
    file->content = &copy->journal;
    base->pMethods = &methods;
    return SQLITE_OK;
}

static int fs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct copy *copy = find_copy(name, true);
    (void)vfs;
    (void)sync;
    if (copy != NULL)
        drop_content(&copy->journal);
    return SQLITE_OK;
}

static int fs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    struct copy *copy = find_copy(name, true);
    (void)vfs;
    (void)flags;
    *result = copy != NULL && copy->journal.bytes != NULL;
    return SQLITE_OK;
}

/* Everything but files is that of the default one. Its name is not that of another copy
 * of this library in the process. */
const char *sqlite_copy_name(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (file_system_name[0] != '\0' || real == NULL)
        return file_system_name;
    file_system = *real;
    snprintf(file_system_name, sizeof(file_system_name), "winscard-%p",
             (void *)&file_system);
    file_system.zName = file_system_name;
    file_system.pAppData = real;
    file_system.pNext = NULL;
    file_system.szOsFile = (int)sizeof(struct copy_file);
    file_system.xOpen = fs_open;
    file_system.xDelete = fs_delete;
    file_system.xAccess = fs_access;
    if (sqlite3_vfs_register(&file_system, 0) != SQLITE_OK)
        file_system_name[0] = '\0';
    return file_system_name;
}
