/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_plug (plug.c) as a child process. One thread at a time. */
#ifndef RIG_GUEST_FARM_H
#define RIG_GUEST_FARM_H

#include <stdbool.h>
#include <stddef.h>

/* Starts the program. */
bool farm_start(const char *program);
/* Sends a command, and takes its line of answer. False: it failed, which is printed. */
bool farm_say(const char *command, char *answer, size_t room);
/* Everything is unplugged, and the program ends. */
void farm_stop(void);

#endif
