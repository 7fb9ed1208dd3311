/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process's contexts and card handles were made with, for the Windows ABI: the
 * scope of a context, which says where the database is written; the context of a card
 * handle, which its SCARD_AUTOALLOCATE memory goes with; and the introduced name that a
 * handle was connected by. Any thread may call. In the child of a fork there are none, as
 * the handles are not valid there. */
#ifndef CLIENT_HANDLES_H
#define CLIENT_HANDLES_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A context is established; `system`: in the system's scope. Errors: SC_E_NO_MEMORY. */
enum sc_error client_context_note(uint32_t context, bool system) MUST_CHECK;
/* It is released, with its cards. */
void client_context_forget(uint32_t context);
bool client_context_is_known(uint32_t context);
/* False for one that is not known. */
bool client_context_is_system(uint32_t context);

/* A card is connected, by an introduced name, which is copied, or `alias` NULL. Nothing
 * is noted without memory, or if the context was released meanwhile. */
void client_card_note(uint32_t card, uint32_t context, const char *alias);
/* It is disconnected. */
void client_card_forget(uint32_t card);
/* 0: not known. */
uint32_t client_card_context(uint32_t card);
/* False if it has none, or it does not fit into `room` bytes. A process without any pays
 * one load for the question. */
bool client_card_alias(uint32_t card, char *name, size_t room);

#endif
