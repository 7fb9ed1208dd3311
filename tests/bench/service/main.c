/* SPDX-License-Identifier: BSD-2-Clause */
/* measure COMMAND: see bench.sh, which runs it. */
#include "tests/bench/service/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned number(const char *text)
{
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    const char *first = argc > 2 ? argv[2] : NULL;
    bool quick = first != NULL && strcmp(first, "quick") == 0;
    if (strcmp(command, "round-trips") == 0)
        measure_round_trips(quick);
    else if (strcmp(command, "latencies") == 0)
        measure_latencies(quick);
    else if (strcmp(command, "throughput") == 0)
        measure_throughput(quick);
    else if (strcmp(command, "fairness") == 0)
        measure_fairness(quick);
    else if (strcmp(command, "transmits") == 0)
        measure_transmits(number(first));
    else if (strcmp(command, "idle") == 0)
        measure_idle();
    else if (strcmp(command, "clients") == 0 && argc == 4)
        measure_clients(number(first), (pid_t)number(argv[3]));
    else if (strcmp(command, "silent") == 0 && argc == 4)
        measure_silent(number(first), argv[3]);
    else if (strcmp(command, "start") == 0 && argc > 2)
        measure_start(argv + 2);
    else
        fail(
            "measure round-trips|latencies|throughput|fairness [quick], transmits COUNT, "
            "idle, clients COUNT PID, silent COUNT PATH, start COMMAND...");
    return 0;
}
