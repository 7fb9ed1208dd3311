/* SPDX-License-Identifier: BSD-2-Clause */
/* The handles that were connected by an introduced name: SCardStatus says that name too.
 * A process without any pays one load for each question. Any thread may call. */
#ifndef CLIENT_ALIAS_H
#define CLIENT_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `name` is copied. Without memory nothing is noted. */
void client_alias_note(uint32_t card, uint32_t context, const char *name);
/* The handle, or all those of a context, are no more. */
void client_alias_forget(uint32_t card);
void client_alias_forget_context(uint32_t context);
/* False if there is none, or it does not fit into `room` bytes. */
bool client_alias_get(uint32_t card, char *name, size_t room);

#endif
