/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conformance/system.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>

static void *library;

bool system_load(const char *path, char *why, size_t room)
{
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        (void)snprintf(why, room, "%s", dlerror());
    return library != NULL;
}

void *system_find(const char *name)
{
    return dlsym(library, name);
}

/* In quotation marks, as the shell takes it. */
static size_t quote(char *to, size_t room, const char *word)
{
    size_t size = 0;
    for (const char *from = word; *from != '\0' && size + 8 < room; from++) {
        if (*from == '\'')
            size += (size_t)snprintf(to + size, room - size, "'\\''");
        else
            to[size++] = *from;
    }
    to[size] = '\0';
    return size;
}

FILE *system_start(const char *const *words)
{
    static char command[COMMAND_ROOM];
    size_t size = 0;
    for (; *words != NULL && size + 8 < sizeof(command); words++) {
        size += (size_t)snprintf(command + size, sizeof(command) - size, "'");
        size += quote(command + size, sizeof(command) - size, *words);
        size += (size_t)snprintf(command + size, sizeof(command) - size, "' ");
    }
    return *words == NULL ? popen(command, "r") : NULL;
}

bool system_end(FILE *program, char *why, size_t room)
{
    int status = pclose(program);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    /* 128 and a signal: the shell's word for a program that was ended. */
    int number = WIFSIGNALED(status)         ? WTERMSIG(status)
                 : WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128
                                             : 0;
    if (number > 0)
        (void)snprintf(why, room, "its process was ended by signal %d (%s)", number,
                       strsignal(number));
    else
        (void)snprintf(why, room, "its process ended with status %d",
                       WEXITSTATUS(status));
    return false;
}
