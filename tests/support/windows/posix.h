/* SPDX-License-Identifier: BSD-2-Clause */
/* The few calls of POSIX that tests of every system use and Windows' C library lacks. The
 * build includes it before each file of the tests there. */
#ifndef TESTS_SUPPORT_WINDOWS_POSIX_H
#define TESTS_SUPPORT_WINDOWS_POSIX_H

#include <stdlib.h>

/* Of kernel32.dll; <windows.h> has names that the tests use for other things. */
__declspec(dllimport) int __stdcall SetEnvironmentVariableA(const char *name,
                                                            const char *value);

static inline int setenv(const char *name, const char *value, int replace)
{
    (void)replace; /* no test keeps a value that is there */
    return SetEnvironmentVariableA(name, value) ? 0 : -1;
}

static inline int unsetenv(const char *name)
{
    (void)SetEnvironmentVariableA(name, NULL); /* fails if it is not set */
    return 0;
}

#endif
