/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conformance/system.h"

#include <windows.h>

static HMODULE library;

bool system_load(const char *path, char *why, size_t room)
{
    library = LoadLibraryA(path);
    if (library == NULL)
        (void)snprintf(why, room, "%s cannot be loaded (error %lu)", path,
                       GetLastError());
    return library != NULL;
}

void *system_find(const char *name)
{
    return (void *)(INT_PTR)GetProcAddress(library, name);
}

/* cmd.exe takes off the outermost quotation marks. */
FILE *system_start(const char *const *words)
{
    static char command[COMMAND_ROOM];
    size_t size = (size_t)snprintf(command, sizeof(command), "\"");
    for (; *words != NULL && size + strlen(*words) + 8 < sizeof(command); words++)
        size +=
            (size_t)snprintf(command + size, sizeof(command) - size, "\"%s\" ", *words);
    (void)snprintf(command + size, sizeof(command) - size, "\"");
    return *words == NULL ? _popen(command, "rt") : NULL;
}

bool system_end(FILE *program, char *why, size_t room)
{
    int status = _pclose(program);
    if (status != 0)
        (void)snprintf(why, room, "its process ended with status 0x%x", (unsigned)status);
    return status == 0;
}
