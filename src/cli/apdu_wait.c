/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/apdu_wait.h"

#include "cli/platform.h"
#include "cli/readers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PNP_NAME "\\\\?PnP?\\Notification"

enum { LOOK_MS = 1000 }; /* readers that come between two looks are seen then */

struct wait {
    SCARDCONTEXT context;
    struct readers readers;
    SCARD_READERSTATEA *states; /* the last one is of PNP_NAME */
};

static bool has_usable_card(const SCARD_READERSTATEA *state)
{
    DWORD bad = SCARD_STATE_EXCLUSIVE | SCARD_STATE_MUTE | SCARD_STATE_UNAVAILABLE;
    return (state->dwEventState & SCARD_STATE_PRESENT) != 0
           && (state->dwEventState & bad) == 0;
}

/* True: a reader that is wanted has a card. */
static bool is_there(const struct wait *wait, const char *wanted)
{
    size_t index = 0;
    if (strcmp(wanted, "-") != 0)
        return readers_match(&wait->readers, wanted, &index) == READERS_ONE
               && has_usable_card(&wait->states[index]);
    for (size_t i = 0; i < wait->readers.count; i++)
        if (has_usable_card(&wait->states[i]))
            return true;
    return false;
}

/* Looks at all there is now. */
static uint32_t look_for_card(struct wait *wait)
{
    readers_free(&wait->readers);
    free(wait->states);
    wait->states = NULL;
    uint32_t result = readers_get(wait->context, &wait->readers);
    if (result != SCARD_S_SUCCESS)
        return result;
    wait->states = calloc(wait->readers.count + 1, sizeof *wait->states);
    if (wait->states == NULL)
        return (uint32_t)SCARD_E_NO_MEMORY;
    wait->states[wait->readers.count].szReader = PNP_NAME;
    wait->states[wait->readers.count].dwCurrentState = (DWORD)(wait->readers.count << 16);
    return wait->readers.count > 0
               ? readers_states(wait->context, &wait->readers, wait->states)
               : (uint32_t)SCARD_S_SUCCESS;
}

/* Until something changes, a second at most. */
static uint32_t rest(struct wait *wait, uint64_t left_ms)
{
    assert(wait->states != NULL && left_ms > 0);
    for (size_t i = 0; i < wait->readers.count; i++)
        wait->states[i].dwCurrentState =
            wait->states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    DWORD ms = left_ms < LOOK_MS ? (DWORD)left_ms : LOOK_MS;
    LONG result = SCardGetStatusChangeA(wait->context, ms, wait->states,
                                        (DWORD)wait->readers.count + 1);
    if (result == SCARD_E_TIMEOUT || result == SCARD_E_UNKNOWN_READER
        || result == SCARD_E_READER_UNAVAILABLE)
        return (uint32_t)SCARD_S_SUCCESS;
    return (uint32_t)result;
}

int apdu_wait(struct cli *cli, const char *wanted, uint64_t end_ms)
{
    struct wait wait = {0};
    int code = readers_open(cli, &wait.context);
    if (code != CLI_OK)
        return code;
    uint32_t result = look_for_card(&wait);
    while (result == SCARD_S_SUCCESS && !is_there(&wait, wanted)) {
        uint64_t now_ms = platform_now_ms();
        result =
            now_ms >= end_ms ? (uint32_t)SCARD_E_TIMEOUT : rest(&wait, end_ms - now_ms);
        if (result == SCARD_S_SUCCESS)
            result = look_for_card(&wait);
    }
    if (result != SCARD_S_SUCCESS)
        code = cli_fail(cli, result, "no card to use came");
    readers_free(&wait.readers);
    free(wait.states);
    SCardReleaseContext(wait.context);
    return code;
}
