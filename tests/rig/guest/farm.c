/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/rig/guest/farm.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    FILE *in, *out; /* as rig_plug sees them */
    pid_t child;
} farm;

bool farm_start(const char *program)
{
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0)
        return false;
    farm.child = fork();
    if (farm.child == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]); /* else its input would never end */
        close(out[0]);
        execl(program, program, (char *)NULL);
        perror(program);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    farm.in = fdopen(in[1], "w");
    farm.out = fdopen(out[0], "r");
    return farm.child > 0 && farm.in != NULL && farm.out != NULL;
}

bool farm_say(const char *command, char *answer, size_t room)
{
    answer[0] = '\0';
    if (fprintf(farm.in, "%s\n", command) < 0 || fflush(farm.in) != 0
        || fgets(answer, (int)room, farm.out) == NULL) {
        fprintf(stderr, "rig_plug is gone, at: %s\n", command);
        return false;
    }
    if (strncmp(answer, "error", 5) == 0) {
        fprintf(stderr, "rig_plug: %s: %s", command, answer);
        return false;
    }
    return true;
}

void farm_stop(void)
{
    fclose(farm.in);
    fclose(farm.out);
    waitpid(farm.child, NULL, 0);
}
