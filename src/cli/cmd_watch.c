/* SPDX-License-Identifier: BSD-2-Clause */
/* scard watch: readers and cards as they come and go. */
#include "cli/commands.h"
#include "cli/platform.h"
#include "cli/readers.h"
#include "cli/watch_show.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The reader's name under which arrivals and departures are reported. */
#define PNP_NAME "\\\\?PnP?\\Notification"

enum { OPTION_COUNT = OPTION_OWN, OPTION_TIMEOUT };

/* How long to rest after a wait that brought nothing, so that a library which returns at
 * once for ever costs no processor. */
enum { REST_MS = 100, READERS_MAX = 256 };

/* A service that ended is looked for so often. */
enum { RETURN_MS = 500 };

/* Without a reader the waiting entry has no number to compare with, so a reader that came
 * between the look at the list and the wait would be missed: then waits are short. */
enum { LONELY_WAIT_MS = 1000 };

static const struct option_spec watch_options[] = {
    {OPTION_COUNT, 'c', "count", "N", "end after N events"},
    {OPTION_TIMEOUT, 't', "timeout", "SECONDS", "end after this time"},
    {0, 0, NULL, NULL, NULL},
};

struct watch {
    struct cli *cli;
    SCARDCONTEXT context;
    struct watch_show show;
    SCARD_READERSTATEA
    states[READERS_MAX]; /* 0: PNP_NAME; the names of others are owned */
    size_t count;
    char *only; /* the one reader to watch, or NULL; owned */
    uint32_t events_left;
    bool events_limited;
    uint64_t end_ms; /* UINT64_MAX: none */
    bool moved;      /* the last round brought something */
};

/* Shows an event that counts. */
static void happen(struct watch *watch, enum watch_event event,
                   const SCARD_READERSTATEA *state)
{
    watch->moved = true;
    if (watch->events_limited && watch->events_left == 0)
        return;
    watch_show_event(&watch->show, event, state);
    if (watch->events_limited)
        watch->events_left--;
}

static bool is_listed(const struct readers *readers, const char *name)
{
    for (size_t i = 0; i < readers->count; i++)
        if (strcmp(readers->name[i], name) == 0)
            return true;
    return false;
}

static bool is_watched(const struct watch *watch, const char *name)
{
    for (size_t i = 1; i < watch->count; i++)
        if (strcmp(watch->states[i].szReader, name) == 0)
            return true;
    return false;
}

static void forget_reader_at(struct watch *watch, size_t index)
{
    assert(index > 0 && index < watch->count); /* the first is not a reader */
    free((void *)(uintptr_t)watch->states[index].szReader);
    watch->count--;
    memmove(&watch->states[index], &watch->states[index + 1],
            (watch->count - index) * sizeof watch->states[0]);
}

/* Starts to watch a reader. It may be gone already: then the next round says so. */
static uint32_t begin_to_watch(struct watch *watch, const char *name,
                               enum watch_event event)
{
    SCARD_READERSTATEA *state = &watch->states[watch->count];
    if (watch->count == READERS_MAX || (watch->only && strcmp(watch->only, name) != 0))
        return (uint32_t)SCARD_S_SUCCESS;
    char *copy = malloc(strlen(name) + 1);
    if (copy == NULL)
        return (uint32_t)SCARD_E_NO_MEMORY;
    memcpy(copy, name, strlen(name) + 1);
    memset(state, 0, sizeof *state);
    state->szReader = copy;
    LONG result = SCardGetStatusChangeA(watch->context, 0, state, 1);
    if (result != SCARD_S_SUCCESS)
        state->dwEventState = SCARD_STATE_UNKNOWN;
    state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    watch->count++;
    if (event == WATCH_PRESENT)
        watch_show_event(&watch->show, event, state);
    else
        happen(watch, event, state);
    return (uint32_t)SCARD_S_SUCCESS;
}

/* Brings the entries in line with the list. A reader that was unplugged and is back under
 * its name shows by its UNKNOWN state. */
static uint32_t update(struct watch *watch, enum watch_event event)
{
    struct readers readers;
    uint32_t result = readers_get(watch->context, &readers);
    for (size_t i = watch->count; result == SCARD_S_SUCCESS && i-- > 1;) {
        SCARD_READERSTATEA *state = &watch->states[i];
        if (is_listed(&readers, state->szReader)
            && (state->dwCurrentState & SCARD_STATE_UNKNOWN) == 0)
            continue;
        happen(watch, WATCH_READER_REMOVED, state);
        forget_reader_at(watch, i);
    }
    for (size_t i = 0; result == SCARD_S_SUCCESS && i < readers.count; i++)
        if (!is_watched(watch, readers.name[i]))
            result = begin_to_watch(watch, readers.name[i], event);
    if (result == SCARD_S_SUCCESS && event == WATCH_PRESENT)
        watch->states[0].dwCurrentState = (DWORD)(readers.count << 16);
    readers_free(&readers);
    return result;
}

/* Shows what the wait found out. */
static void show_changes(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        SCARD_READERSTATEA *state = &watch->states[i];
        enum watch_event events[WATCH_EVENTS_MAX];
        DWORD now = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        size_t count = 0;
        if (i > 0 && (now & SCARD_STATE_UNKNOWN) == 0)
            count = watch_compare(state->dwCurrentState, now, events);
        state->dwCurrentState = now;
        for (size_t e = 0; e < count; e++)
            happen(watch, events[e], state);
    }
}

static bool has_seen_enough(const struct watch *watch)
{
    return platform_interrupted() || platform_now_ms() >= watch->end_ms
           || (watch->events_limited && watch->events_left == 0)
           || ferror(watch->cli->out);
}

static DWORD time_left(const struct watch *watch)
{
    assert(watch->count >= 1);
    uint64_t now = platform_now_ms();
    uint64_t left = now < watch->end_ms ? watch->end_ms - now : 0;
    if (watch->count == 1 && left > LONELY_WAIT_MS)
        return LONELY_WAIT_MS;
    return watch->end_ms == UINT64_MAX ? INFINITE : (DWORD)left;
}

/* One wait and what follows from it. */
static uint32_t step(struct watch *watch)
{
    LONG result = SCardGetStatusChangeA(watch->context, time_left(watch), watch->states,
                                        (DWORD)watch->count);
    watch->moved = false;
    if (result == SCARD_S_SUCCESS)
        show_changes(watch);
    else if (result == SCARD_E_CANCELLED)
        return (uint32_t)SCARD_S_SUCCESS; /* has_seen_enough() knows */
    else if (result != SCARD_E_TIMEOUT && result != SCARD_E_UNKNOWN_READER
             && result != SCARD_E_READER_UNAVAILABLE
             && result != SCARD_E_NO_READERS_AVAILABLE)
        return (uint32_t)result;
    uint32_t updated = update(watch, WATCH_READER_ADDED);
    watch_show_table(&watch->show, watch->states, watch->count);
    if (updated == SCARD_S_SUCCESS && !watch->moved && result != SCARD_E_TIMEOUT)
        platform_sleep_ms(REST_MS);
    return updated;
}

/* --- A service that ends and comes back --------------------------------------------- */

static bool is_lost(uint32_t result)
{
    return result == (uint32_t)SCARD_E_SERVICE_STOPPED
           || result == (uint32_t)SCARD_E_NO_SERVICE;
}

/* Counters of insertions began anew with the service, so states alone are compared. */
static void take_counters(struct watch *watch)
{
    for (size_t i = 1; i < watch->count; i++) {
        SCARD_READERSTATEA *state = &watch->states[i];
        SCARD_READERSTATEA now = {.szReader = state->szReader};
        if (SCardGetStatusChangeA(watch->context, 0, &now, 1) == SCARD_S_SUCCESS)
            state->dwCurrentState =
                (state->dwCurrentState & 0xFFFF) | (now.dwEventState & 0xFFFF0000U);
    }
}

/* Waits for a service, until it is there or the watch is over. */
static uint32_t come_back(struct watch *watch)
{
    LONG result = SCARD_E_NO_SERVICE;
    assert(watch->context != 0);
    happen(watch, WATCH_SERVICE_LOST, NULL);
    watch_show_table(&watch->show, watch->states, watch->count);
    SCardReleaseContext(watch->context);
    watch->context = 0;
    while (is_lost((uint32_t)result) && !has_seen_enough(watch)) {
        platform_sleep_ms(RETURN_MS);
        result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &watch->context);
    }
    if (result != SCARD_S_SUCCESS) {
        watch->context = 0;
        return is_lost((uint32_t)result) ? (uint32_t)SCARD_S_SUCCESS : (uint32_t)result;
    }
    happen(watch, WATCH_SERVICE_BACK, NULL);
    take_counters(watch);
    return update(watch, WATCH_READER_ADDED);
}

static int loop(struct watch *watch)
{
    uint32_t result = update(watch, WATCH_PRESENT);
    watch_show_table(&watch->show, watch->states, watch->count);
    while (!has_seen_enough(watch) && (result == SCARD_S_SUCCESS || is_lost(result)))
        result = is_lost(result) ? come_back(watch) : step(watch);
    if (is_lost(result))
        result = SCARD_S_SUCCESS; /* at the very end */
    if (result != SCARD_S_SUCCESS)
        return cli_fail(watch->cli, result, "cannot watch the readers any longer");
    bool short_of_events = watch->events_limited && watch->events_left > 0;
    return short_of_events && !platform_interrupted() ? CLI_NEGATIVE : CLI_OK;
}

static int choose_only(struct watch *watch)
{
    struct readers readers;
    size_t index = 0;
    uint32_t result = readers_get(watch->context, &readers);
    int code = CLI_OK;
    if (result != SCARD_S_SUCCESS)
        code = cli_fail(watch->cli, result, "cannot list the readers");
    else
        code = readers_choose(watch->cli, watch->context, &readers, watch->cli->reader,
                              &index);
    if (code == CLI_OK) {
        size_t size = strlen(readers.name[index]) + 1;
        watch->only = malloc(size);
        if (watch->only != NULL)
            memcpy(watch->only, readers.name[index], size);
        else
            code = cli_fail(watch->cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot watch");
    }
    readers_free(&readers);
    return code;
}

static int read_watch_limits(struct watch *watch)
{
    const char *count = watch->cli->options.value[OPTION_COUNT];
    const char *seconds = watch->cli->options.value[OPTION_TIMEOUT];
    uint32_t number = 0;
    watch->end_ms = UINT64_MAX;
    if (seconds != NULL && !text_number(seconds, 4000000, &number))
        return cli_fail_plain(watch->cli, CLI_USAGE,
                              "--timeout needs seconds, up to 4000000");
    if (seconds != NULL)
        watch->end_ms = platform_now_ms() + (uint64_t)number * 1000;
    watch->events_limited = count != NULL;
    if (count != NULL && !text_number(count, 1000000000, &watch->events_left))
        return cli_fail_plain(watch->cli, CLI_USAGE, "--count needs a number");
    return CLI_OK;
}

static void cancel_wait(void *context)
{
    const SCARDCONTEXT *of = context;
    SCardCancel(*of);
}

static int watch_until_end(struct watch *watch)
{
    int code = read_watch_limits(watch);
    if (code != CLI_OK)
        return code;
    /* Before the library may start threads, which inherit the blocked signals. */
    bool interruptible = platform_interrupt_begin();
    code = readers_open(watch->cli, &watch->context);
    if (code == CLI_OK && watch->cli->reader != NULL)
        code = choose_only(watch);
    if (code == CLI_OK) {
        platform_interrupt_target(cancel_wait, &watch->context);
        code = loop(watch);
    }
    if (interruptible)
        platform_interrupt_end();
    if (watch->context != 0)
        SCardReleaseContext(watch->context);
    while (watch->count > 1)
        forget_reader_at(watch, watch->count - 1);
    free(watch->only);
    return code;
}

static int watch_main(struct cli *cli)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot watch");
    watch->cli = cli;
    watch->count = 1;
    watch->states[0].szReader = PNP_NAME;
    watch_show_start(&watch->show, cli);
    int code = watch_until_end(watch);
    free(watch);
    return code;
}

const struct command cmd_watch = {
    .name = "watch",
    .arguments = "",
    .summary = "readers and cards as they come and go",
    .help =
        "On a terminal a table that is kept up to date; otherwise one line for each "
        "event,\n"
        "or with --json one object a line. Begins with the readers that are there, "
        "which\n"
        "do not count as events. Events: reader-added, reader-removed, card-inserted,\n"
        "card-removed, state. Ctrl+C ends it. With --reader only that one is watched.\n"
        "Exit code 1: the time was over before --count events had happened.\n",
    .options = watch_options,
    .positional_max = 0,
    .run = watch_main,
};
