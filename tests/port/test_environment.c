/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables, names of the machine and the user, what a program asks of the system. Source:
 * MS-Docs GetEnvironmentVariable, GetComputerNameA, GetUserNameA, GetSystemDirectoryA. */
#include <windows.h>

#include "tests/port/fails.h"

#include <stdlib.h>

static const WCHAR wide_name[] = {'W', 'S', 'C', 'T', 'E', 'S', 'T', 0};
static const WCHAR wide_value[] = {0x00E9, 0xD83D, 0xDE00, 0};

static void variables(void)
{
    char value[20];
    WCHAR wide[20];
    SetEnvironmentVariableA("WSCTEST", NULL);
    CHECK_FAILS(GetEnvironmentVariableA("WSCTEST", value, 20), ERROR_ENVVAR_NOT_FOUND);
    CHECK_FAILS(GetEnvironmentVariableW(wide_name, wide, 20), ERROR_ENVVAR_NOT_FOUND);
    CHECK(SetEnvironmentVariableA("WSCTEST", "12345"));
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 20), 5);
    CHECK_STR(value, "12345");
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 6), 5);
    value[0] = '#';
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 5), 6);
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", NULL, 0), 6);
    CHECK_EQ(GetEnvironmentVariableW(wide_name, wide, 20), 5);
    CHECK_EQ(wide[4], '5');
    CHECK_EQ(wide[5], 0);
    CHECK_EQ(GetEnvironmentVariableW(wide_name, wide, 5), 6);
    CHECK_EQ(GetEnvironmentVariableW(wide_name, NULL, 0), 6);
    CHECK(SetEnvironmentVariableW(wide_name, wide_value));
    CHECK_EQ(GetEnvironmentVariableW(wide_name, wide, 20), 3);
    CHECK_MEM(wide, wide_value, sizeof(wide_value));
    CHECK(SetEnvironmentVariableA("WSCTEST", "a=b=")); /* = is part of a value */
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 20), 4);
    /* An empty value is one. */
    CHECK(SetEnvironmentVariableA("WSCTEST", ""));
    CHECK_FAILS(GetEnvironmentVariableA("WSCTEST", value, 20), ERROR_SUCCESS);
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 0), 1);
    CHECK(SetEnvironmentVariableW(wide_name, NULL));
    CHECK_FAILS(GetEnvironmentVariableA("WSCTEST", value, 20), ERROR_ENVVAR_NOT_FOUND);
    CHECK_FAILS(SetEnvironmentVariableA(NULL, "x"), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetEnvironmentVariableA("", "x"), ERROR_INVALID_PARAMETER);
#ifndef _WIN32
    const WCHAR empty[] = {0};
    CHECK_FAILS(SetEnvironmentVariableW(NULL, wide_value), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetEnvironmentVariableW(empty, wide_value), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetEnvironmentVariableA("", NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetEnvironmentVariableA("a=b", "x"), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetEnvironmentVariableA(NULL, value, 20), ERROR_ENVVAR_NOT_FOUND);
    CHECK_FAILS(GetEnvironmentVariableW(NULL, wide, 20), ERROR_ENVVAR_NOT_FOUND);
    /* The C library's, too. */
    CHECK(SetEnvironmentVariableW(wide_name, wide_value));
    CHECK_STR(getenv("WSCTEST"), "\xC3\xA9\xF0\x9F\x98\x80");
    CHECK_EQ(GetEnvironmentVariableA("WSCTEST", value, 20), 6);
#endif
}

static DWORD WINAPI use_variables(LPVOID argument)
{
    char name[20] = "WSCTEST_0", value[20];
    name[8] = (char)('0' + *(int *)argument);
    for (int i = 0; i < 200; i++) {
        CHECK(SetEnvironmentVariableA(name, i % 3 ? "value" : NULL));
        GetEnvironmentVariableA("PATH", value, 20);
        CHECK_EQ(GetEnvironmentVariableA(name, value, 20), i % 3 ? 5 : 0);
    }
    return 0;
}

static void variables_of_threads(void)
{
    HANDLE threads[4];
    int numbers[4] = {0, 1, 2, 3};
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, use_variables, &numbers[i], 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, CHECK_HANG_MS), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(threads[i]));
}

static void names(void)
{
    char name[300];
    WCHAR wide[300];
    DWORD size = 300;
    CHECK(GetComputerNameA(name, &size));
    CHECK(size > 0 && size == strlen(name));
    const DWORD length = size;
    size = 300;
    CHECK(GetComputerNameW(wide, &size));
    CHECK_EQ(size, length);
    CHECK_EQ(wide[length], 0);
    size = length;
    CHECK_FAILS(GetComputerNameA(name, &size), ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(size, length + 1);
    size = length;
    CHECK_FAILS(GetComputerNameW(wide, &size), ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(size, length + 1);
    CHECK(GetComputerNameA(name, &size));
    CHECK_EQ(size, length);
    CHECK(strchr(name, '.') == NULL);

    size = 300;
    CHECK(GetUserNameA(name, &size));
    CHECK_EQ(size, strlen(name) + 1); /* with the NUL */
    const DWORD user = size;
    size = user - 1;
    CHECK_FAILS(GetUserNameA(name, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, user);
    CHECK(GetUserNameW(wide, &size));
    CHECK_EQ(size, user);
    CHECK_EQ(wide[user - 1], 0);
    size = 0;
    CHECK_FAILS(GetUserNameW(wide, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, user);
#ifndef _WIN32
    size = 300;
    CHECK_FAILS(GetComputerNameA(NULL, &size), ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(size, length + 1);
    size = 300;
    CHECK_FAILS(GetComputerNameW(NULL, &size), ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(size, length + 1);
    size = 300;
    CHECK_FAILS(GetUserNameA(NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    size = 300;
    CHECK_FAILS(GetUserNameW(NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, user);
    CHECK_FAILS(GetComputerNameA(name, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetComputerNameW(wide, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetUserNameA(name, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetUserNameW(wide, NULL), ERROR_INVALID_PARAMETER);
#endif
}

static void the_system(void)
{
    char path[300];
    WCHAR wide[300];
    const UINT length = GetSystemDirectoryA(path, 300);
    CHECK(length > 0 && length == strlen(path));
    CHECK_EQ(GetSystemDirectoryA(path, length + 1), length);
    CHECK_EQ(GetSystemDirectoryA(path, length), length + 1);
    CHECK_EQ(GetSystemDirectoryA(NULL, 0), length + 1);
    CHECK_EQ(GetSystemDirectoryW(wide, 300), length);
    CHECK_EQ(wide[length], 0);
    CHECK_EQ(GetSystemDirectoryW(NULL, 0), length + 1);
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    CHECK(info.dwPageSize >= 4096 && (info.dwPageSize & (info.dwPageSize - 1)) == 0);
    CHECK(info.dwNumberOfProcessors >= 1);
    CHECK(info.dwAllocationGranularity >= info.dwPageSize);
    OutputDebugStringA("nobody listens\n");
    OutputDebugStringW(wide_name);
}

int main(void)
{
    variables();
    variables_of_threads();
    names();
    the_system();
    return check_result();
}
