/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment of Windows. The process's own is read, as UTF-8: the C library's copy is
 * in the ANSI code page, and misses what SetEnvironmentVariable() sets. */
#include "os/windows/api.h"

#include "os/environment.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/windows/text.h"

#include <string.h>

enum {
    NAME_MAX_UNITS = 64,
    VALUE_MAX_UNITS = 32768, /* the longest that Windows takes (SetEnvironmentVariable) */
    VALUES_MAX = 4096        /* texts that are kept; after that nothing new is read */
};

/* What was read, for callers borrow it for ever: a value that is read again is not kept
 * again. */
struct value {
    struct value *next;
    char text[];
};

static struct {
    struct os_mutex lock;
    struct value *values;
    unsigned count;
} kept = {.lock = OS_MUTEX_INIT};

static const char *find_value(const char *text) NEEDS_LOCK(kept.lock)
{
    for (const struct value *at = kept.values; at != NULL; at = at->next)
        if (strcmp(at->text, text) == 0)
            return at->text;
    return NULL;
}

static const char *keep_value(const char *text) NEEDS_LOCK(kept.lock)
{
    const char *found = find_value(text);
    if (found != NULL || kept.count == VALUES_MAX)
        return found;
    size_t size = strlen(text) + 1;
    struct value *made = mem_alloc(sizeof(*made) + size);
    if (made == NULL)
        return NULL;
    memcpy(made->text, text, size);
    made->next = kept.values;
    kept.values = made;
    kept.count++;
    return made->text;
}

/* `units` of the value, its NUL counted. */
static const char *read_value(const wchar_t *name, DWORD units)
{
    enum { BYTES_PER_UNIT = 3 };
    const char *value = NULL;
    size_t room = (size_t)units * BYTES_PER_UNIT;
    wchar_t *wide = mem_alloc_array(units, sizeof(*wide));
    char *text = mem_alloc(room);
    if (wide != NULL && text != NULL && GetEnvironmentVariableW(name, wide, units) < units
        && os_from_wide(wide, text, room)) {
        os_mutex_lock(&kept.lock);
        value = keep_value(text);
        os_mutex_unlock(&kept.lock);
    }
    mem_free(wide);
    mem_free(text);
    return value;
}

const char *os_getenv(const char *name)
{
    wchar_t wide[NAME_MAX_UNITS];
    os_ascii_to_wide(name, wide, ARRAY_SIZE(wide));
    DWORD units = GetEnvironmentVariableW(wide, NULL, 0);
    return units > 0 && units <= VALUE_MAX_UNITS ? read_value(wide, units) : NULL;
}
