/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_CLOEXEC */
#endif
#include "os/process.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STAT_MAX = 2048,
    FIELDS_BEFORE = 19 /* from the state, field 3, to the start time, field 22 */
};

uint64_t os_process_parse(const char *stat, char *state)
{
    uint64_t ticks = 0;
    /* Field 2 is the program's name in parentheses, with anything in it. */
    const char *at = strrchr(stat, ')');
    *state = '\0';
    if (at != NULL && at[1] == ' ')
        *state = at[2];
    for (int i = 0; at != NULL && i <= FIELDS_BEFORE; i++)
        at = strchr(at + (i == 0 ? 0 : 1), ' ');
    if (at == NULL)
        return 0;
    const char *digits = ++at;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (ticks > (UINT64_MAX - 9) / 10)
            return 0;
        ticks = ticks * 10 + (uint64_t)(*at - '0');
    }
    return at != digits && (*at == ' ' || *at == '\n' || *at == '\0') ? ticks : 0;
}

/* Also 0: there is no such process. */
static uint64_t read_process_stat(uint32_t pid, char *state)
{
    char text[STAT_MAX];
    *state = '\0';
    (void)snprintf(text, sizeof(text), "/proc/%u/stat", (unsigned)pid);
    int file = pid > 0 ? open(text, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return 0;
    ssize_t size = read(file, text, sizeof(text) - 1); /* all of it: it is made at once */
    text[size > 0 ? size : 0] = '\0';
    (void)close(file);
    return os_process_parse(text, state);
}

uint64_t os_process_start_time(uint32_t pid)
{
    char state;
    return read_process_stat(pid, &state);
}

/* Whether a process that cannot be seen is gone, and not the whole of /proc. */
static bool sees_processes(void)
{
    char state;
    return read_process_stat((uint32_t)getpid(), &state) != 0;
}

enum os_process_state os_process_state(uint32_t pid, uint64_t start_time)
{
    char state;
    if (start_time == 0)
        return OS_PROCESS_RUNS;
    uint64_t found = read_process_stat(pid, &state);
    if (found != start_time)
        return found != 0 || sees_processes() ? OS_PROCESS_GONE : OS_PROCESS_RUNS;
    if (state == 'Z' || state == 'X' || state == 'x')
        return OS_PROCESS_GONE;
    return state == 'T' || state == 't' ? OS_PROCESS_STOPPED : OS_PROCESS_RUNS;
}

void os_process_name(uint32_t pid, uint64_t start_time, char *name, size_t room)
{
    char path[48];
    name[0] = '\0';
    if (pid == 0 || os_process_start_time(pid) != start_time)
        return;
    (void)snprintf(path, sizeof(path), "/proc/%u/comm", (unsigned)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, room < INT_MAX ? (int)room : INT_MAX, file) == NULL)
        name[0] = '\0';
    (void)fclose(file);
    name[strcspn(name, "\n")] = '\0';
}
