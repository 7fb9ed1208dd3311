/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading System32's winscard.dll. */
#include "client/system.h"

#include "base/log.h"
#include "os/library.h"
#include "os/lock.h"

static struct {
    struct os_mutex lock;
    const char *path; /* NULL: System32's */
    bool tried, usable;
    struct system_calls calls;
} library = {.lock = OS_MUTEX_INIT};

void system_calls_use(const char *path)
{
    os_mutex_lock(&library.lock);
    library.path = path;
    os_mutex_unlock(&library.lock);
}

static bool find_calls(struct os_library *found, struct system_calls *calls)
{
    const char *missing = NULL;
#define SYSTEM_FIND(member, name, result, arguments)                                     \
    calls->member = (result(WINAPI *) arguments)os_library_find(found, name);
#define SYSTEM_REQUIRE(member, name, result, arguments)                                  \
    SYSTEM_FIND(member, name, result, arguments)                                         \
    if (calls->member == NULL)                                                           \
        missing = name;
    SYSTEM_CALLS(SYSTEM_REQUIRE, SYSTEM_FIND)
#undef SYSTEM_REQUIRE
#undef SYSTEM_FIND
    if (missing != NULL)
        log_error("the system's winscard.dll is not used: it has no %s", missing);
    return missing == NULL;
}

static bool load_library(void)
{
    struct os_library *found = library.path != NULL
                                   ? os_library_open(library.path)
                                   : os_library_of_system("winscard.dll");
    if (found == NULL)
        log_info("the system has no winscard.dll, or it is this one");
    return found != NULL && find_calls(found, &library.calls);
}

const struct system_calls *system_calls(void)
{
    os_mutex_lock(&library.lock);
    if (!library.tried)
        library.usable = load_library();
    library.tried = true;
    bool usable = library.usable;
    os_mutex_unlock(&library.lock);
    return usable ? &library.calls : NULL;
}
