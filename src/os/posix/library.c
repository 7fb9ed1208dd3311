/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "os/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

void os_library_keep(void)
{
    /* The libraries are linked with -z nodelete (packaging/cmake/libraries.cmake). */
}

struct os_library *os_library_open(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

struct os_library *os_library_load(const char *path, char *why, size_t room)
{
    struct os_library *library = os_library_open(path);
    const char *said = library == NULL ? dlerror() : NULL;
    why[0] = '\0';
    if (library == NULL)
        (void)snprintf(why, room, "%s", said != NULL ? said : "it cannot be loaded");
    return library;
}

/* POSIX promises that a function's address fits into the pointer that dlsym() gives; C does
 * not convert one into the other. */
os_library_function os_library_find(struct os_library *library, const char *name)
{
    os_library_function found = NULL;
    void *symbol = dlsym(library, name);
    _Static_assert(sizeof(found) == sizeof(symbol), "dlsym() gives functions too");
    memcpy(&found, &symbol, sizeof(found));
    return found;
}
