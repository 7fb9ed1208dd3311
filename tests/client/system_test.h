/* SPDX-License-Identifier: BSD-2-Clause */
/* The DLLs of fake_system.h, which lie beside the tests. */
#ifndef TESTS_CLIENT_SYSTEM_TEST_H
#define TESTS_CLIENT_SYSTEM_TEST_H

#include "client/system.h"
#include "tests/client/fake_system.h"
#include "tests/support/check.h"

#include <windows.h>

/* The path of a file beside this program; of "", of the program. */
static inline void beside_program(const char *name, char path[MAX_PATH])
{
    DWORD size = GetModuleFileNameA(NULL, path, MAX_PATH);
    CHECK(size > 0 && size < MAX_PATH);
    char *last = strrchr(path, '\\');
    CHECK(last != NULL);
    if (name[0] != '\0' && last != NULL)
        snprintf(last + 1, MAX_PATH - (size_t)(last + 1 - path), "%s", name);
}

/* The fake of this file name as System32's library; to be called once in a process. */
static inline struct fake_system *use_fake(const char *name)
{
    static char path[MAX_PATH];
    union {
        FARPROC found;
        fake_system_function call;
    } function = {.found = NULL};
    beside_program(name, path);
    HMODULE module = LoadLibraryA(path);
    CHECK(module != NULL);
    if (module != NULL)
        function.found = GetProcAddress(module, "fake_system");
    CHECK(function.found != NULL);
    system_calls_use(path);
    return function.found != NULL ? function.call() : NULL;
}

#endif
