/* SPDX-License-Identifier: BSD-2-Clause */
/* What polkit is told of a process, and is asked: the part that needs no polkit. */
#include "service/polkit.h"

#include <stdio.h>
#include <string.h>

enum {
    STAT_MAX = 2048,
    FIELDS_BEFORE = 19 /* from the state, field 3, to the start time, field 22 */
};

uint64_t polkit_parse_start_time(const char *stat)
{
    uint64_t ticks = 0;
    /* Field 2 is the program's name in parentheses, with anything in it. */
    const char *at = strrchr(stat, ')');
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

uint64_t polkit_start_time(int32_t pid)
{
    char text[STAT_MAX];
    (void)snprintf(text, sizeof(text), "/proc/%d/stat", (int)pid);
    FILE *file = pid > 0 ? fopen(text, "r") : NULL;
    if (file == NULL)
        return 0;
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    (void)fclose(file);
    return polkit_parse_start_time(text);
}

const char *polkit_action(enum policy_right right)
{
    return right == POLICY_CONTROL ? "org.winscard.control" : "org.winscard.use";
}
