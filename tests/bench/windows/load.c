/* SPDX-License-Identifier: BSD-2-Clause */
/* load.exe ROUNDS DLL...: how long LoadLibrary takes for each of these, in turns: a line for
 * each, with its median and its first time in microseconds. Each is unloaded again. */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

enum { DLLS_MAX = 8, ROUNDS_MAX = 10000 };

static double took[DLLS_MAX][ROUNDS_MAX];

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return a < b ? -1 : a > b;
}

static int measure(const char *path, double *microseconds)
{
    LARGE_INTEGER frequency, before, after;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&before);
    HMODULE library = LoadLibraryA(path);
    QueryPerformanceCounter(&after);
    if (library == NULL || !FreeLibrary(library) || GetModuleHandleA(path) != NULL) {
        fprintf(stderr, "load: %s: cannot be loaded and unloaded: %lu\n", path,
                GetLastError());
        return -1;
    }
    *microseconds =
        (double)(after.QuadPart - before.QuadPart) * 1e6 / (double)frequency.QuadPart;
    return 0;
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, dlls = argc - 2;
    if (rounds < 1 || rounds > ROUNDS_MAX || dlls > DLLS_MAX) {
        fprintf(stderr, "usage: load.exe ROUNDS DLL...\n");
        return 2;
    }
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < dlls; i++)
            if (measure(argv[2 + i], &took[i][round]) != 0)
                return 1;
    for (int i = 0; i < dlls; i++) {
        double first = took[i][0];
        qsort(took[i], (size_t)rounds, sizeof(took[i][0]), compare);
        printf("%s %.0f %.0f\n", argv[2 + i], took[i][rounds / 2], first);
    }
    return 0;
}
