/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/holders.h"

#include <assert.h>
#include <string.h>

void holders_add(struct holders *holders, const struct holder *holder)
{
    assert(holders->count <= HOLDERS_MAX);
    if (holders->count == HOLDERS_MAX)
        holders->cut = true;
    else
        holders->holder[holders->count++] = *holder;
}

void holders_name(const struct holder *holder, struct text *text)
{
    text_add(text, "%s (", holder->program[0] != '\0' ? holder->program : "a program");
    if (holder->pid != 0)
        text_add(text, "process %u", (unsigned)holder->pid);
    else
        text_add(text, "connected over TCP");
    if (holder->has_uid)
        text_add(text, ", user %u", (unsigned)holder->uid);
    text_add(text, ")");
}

/* Does it keep the reader from others? */
static bool keeps(const struct holder *holder, const SCARD_READERSTATEA *state)
{
    return strcmp(holder->reader, state->szReader) == 0
           && (holder->alone || holder->transaction);
}

void holders_words(const struct holders *holders, const SCARD_READERSTATEA *state,
                   struct text *text)
{
    size_t possible = 0;
    const char *comma = "";
    for (size_t i = 0; i < holders->count; i++)
        possible += keeps(&holders->holder[i], state)
                            && holders->holder[i].sure == HOLDER_POSSIBLE
                        ? 1
                        : 0;
    if (possible > 0)
        text_add(text, possible > 1 ? "one of " : "probably ");
    for (size_t i = 0; i < holders->count; i++) {
        if (!keeps(&holders->holder[i], state))
            continue;
        text_add(text, "%s", comma);
        holders_name(&holders->holder[i], text);
        comma = ", ";
    }
}

const char *holders_cut_words(const struct holders *holders)
{
    return holders->cut ? "There may be more programs that use readers than are listed."
                        : "";
}

static const char *share_name(const struct holder *holder)
{
    return holder->alone ? "exclusive" : "shared";
}

void holders_json(const struct holders *holders, struct json *json, const char *key,
                  const char *reader)
{
    bool begun = false;
    for (size_t i = 0; i < holders->count; i++) {
        const struct holder *holder = &holders->holder[i];
        if (strcmp(holder->reader, reader) != 0)
            continue;
        if (!begun)
            json_array(json, key);
        begun = true;
        json_object(json, NULL);
        json_string(json, "program", holder->program);
        if (holder->pid != 0)
            json_number(json, "process", holder->pid);
        if (holder->has_uid)
            json_number(json, "user", holder->uid);
        json_string(json, "share", share_name(holder));
        json_bool(json, "transaction", holder->transaction);
        json_bool(json, "certain", holder->sure == HOLDER_CERTAIN);
        json_end(json);
    }
    if (begun)
        json_end(json);
    if (holders->cut)
        json_bool(json, "users_cut", true);
}
