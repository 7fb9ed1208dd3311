/* SPDX-License-Identifier: BSD-2-Clause */
/* The scope that a context was established with: where the database is written. */
#ifndef CLIENT_SCOPE_H
#define CLIENT_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

/* Notes that a context is of the system's scope; others are the user's. Without memory it
 * is taken for a user's. */
void client_scope_note(uint32_t context, bool system);
/* The context is released. */
void client_scope_forget(uint32_t context);
bool client_scope_is_system(uint32_t context);

#endif
