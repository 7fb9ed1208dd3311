/* SPDX-License-Identifier: BSD-2-Clause */
/* The main() of a program that has wmain() instead. The linker takes this member of the
 * archive for a program without a main. */
#include "port/convert.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

/* What wmain may be: the macro wmain makes winport_wmain of it, which in C is this symbol and
 * in C++ one that its parameters are a part of. They are weak: but one is there. WCHAR is
 * char16_t (Ds), with -fshort-wchar wchar_t (w), and in C++ of 1998 unsigned short (t). */
#define ENTRY(number, symbol)                                                            \
    extern int entry_##number(int count, WCHAR **arguments,                              \
                              WCHAR **environment) __asm__(symbol)                       \
        __attribute__((weak));
#define ENTRIES(ENTRY)                                                                   \
    ENTRY(0, "winport_wmain")                                                            \
    ENTRY(1, "_Z13winport_wmainv")                                                       \
    ENTRY(2, "_Z13winport_wmaini")                                                       \
    ENTRY(3, "_Z13winport_wmainiPPDs")                                                   \
    ENTRY(4, "_Z13winport_wmainiPPKDs")                                                  \
    ENTRY(5, "_Z13winport_wmainiPKPDs")                                                  \
    ENTRY(6, "_Z13winport_wmainiPKPKDs")                                                 \
    ENTRY(7, "_Z13winport_wmainiPPDsS0_")                                                \
    ENTRY(8, "_Z13winport_wmainiPPKDsS1_")                                               \
    ENTRY(9, "_Z13winport_wmainiPPw")                                                    \
    ENTRY(10, "_Z13winport_wmainiPPKw")                                                  \
    ENTRY(11, "_Z13winport_wmainiPKPw")                                                  \
    ENTRY(12, "_Z13winport_wmainiPKPKw")                                                 \
    ENTRY(13, "_Z13winport_wmainiPPwS0_")                                                \
    ENTRY(14, "_Z13winport_wmainiPPKwS1_")                                               \
    ENTRY(15, "_Z13winport_wmainiPPt")                                                   \
    ENTRY(16, "_Z13winport_wmainiPPKt")                                                  \
    ENTRY(17, "_Z13winport_wmainiPPtS0_")                                                \
    ENTRY(18, "_Z13winport_wmainiPPKtS1_")
ENTRIES(ENTRY)

typedef int (*entry)(int count, WCHAR **arguments, WCHAR **environment);

/* More arguments than a function has do no harm: the caller puts them where it looks. */
static entry find_wmain(void)
{
#define ADDRESS(number, symbol) entry_##number,
    const entry entries[] = {ENTRIES(ADDRESS)};
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i] != NULL)
            return entries[i];
    return NULL;
}

/* Copies, which live as long as the program. */
static WCHAR **copy_arguments(char **list)
{
    size_t count = 0;
    while (list[count] != NULL)
        count++;
    WCHAR **copies = calloc(count + 1, sizeof *copies);
    for (size_t i = 0; copies != NULL && i < count; i++) {
        copies[i] = winport_utf16_copy(list[i]);
        if (copies[i] == NULL) /* the program ends, and its memory with it */
            return NULL;       // NOLINT(clang-analyzer-unix.Malloc)
    }
    return copies;
}

int main(int argc, char **argv)
{
    static char *none[] = {NULL};
    const entry program = find_wmain();
    if (program == NULL) {
        (void)fputs(
            "This program has neither main() nor wmain() with usual parameters.\n",
            stderr);
        return 127;
    }
    /* Not on the stack, which a tail call gives up, and kept though nobody reads them again:
     * they would look like leaks. */
    static WCHAR **volatile arguments, **volatile environment;
    arguments = copy_arguments(argv);
    environment = copy_arguments(environ == NULL ? none : environ);
    if (arguments == NULL || environment == NULL) {
        (void)fputs("no memory for the program's arguments\n", stderr);
        return 127;
    }
    return program(argc, arguments, environment);
}
