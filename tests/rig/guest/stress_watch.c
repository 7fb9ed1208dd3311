/* SPDX-License-Identifier: BSD-2-Clause */
/* The watcher of the stress test: it learns of readers by SCardGetStatusChange alone. The
 * list is asked for only when that says that something came or went. */
#include "tests/rig/guest/stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCHED_MAX = 64, LIST_ROOM = 16384, WAIT_MS = 60000 };

static struct {
    SCARD_READERSTATE states[WATCHED_MAX];
    char names[WATCHED_MAX][NAME_ROOM];
    size_t count; /* states[0] is the pseudo reader of plugging */
    char list[LIST_ROOM];
} watch;

/* The unit whose serial number stands in the name: "... (S00017) 00 00". */
static struct unit *unit_of(const char *name)
{
    const char *serial = strstr(name, "(S");
    size_t number = serial != NULL ? strtoul(serial + 2, NULL, 10) : UNITS_MAX;
    return number < stress.count ? &stress.units[number] : NULL;
}

static void note_seen(struct unit *unit, const char *name)
{
    uint64_t took;
    if (unit->seen != 0)
        return;
    unit->seen = stress_now();
    snprintf(unit->name, sizeof(unit->name), "%s", name);
    took = unit->seen - unit->plugged;
    stress.seen_total += took;
    stress.seen_count++;
    stress.seen_max = took > stress.seen_max ? took : stress.seen_max;
}

static void note_gone(struct unit *unit)
{
    uint64_t took;
    unit->gone = stress_now();
    if (unit->unplugged == 0) {
        stress_fail("a reader that was not unplugged has gone", unit, 0);
        return;
    }
    took = unit->gone - unit->unplugged;
    stress.gone_total += took;
    stress.gone_count++;
    stress.gone_max = took > stress.gone_max ? took : stress.gone_max;
}

static void note_card(struct unit *unit, DWORD state)
{
    unit->card_seen = (state & SCARD_STATE_PRESENT) != 0;
    unit->state = (uint32_t)state;
    unit->told = stress_now();
}

/* The watcher is in its call, or was: `plugging` if it had new readers to report. */
static void note_call(bool inside, bool plugging)
{
    uint64_t now = stress_now();
    pthread_mutex_lock(&stress.mutex);
    if (!inside && plugging && now - stress.call_began > stress.call_max)
        stress.call_max = now - stress.call_began;
    stress.call_began = inside ? now : 0;
    pthread_mutex_unlock(&stress.mutex);
}

/* Keeps what was known of a reader, so that no change is missed. */
static DWORD known_state(const char *name, const SCARD_READERSTATE *old, size_t old_count)
{
    for (size_t i = 1; i < old_count; i++) {
        if (strcmp(old[i].szReader, name) == 0)
            return old[i].dwCurrentState;
    }
    return SCARD_STATE_UNAWARE;
}

/* Takes the list of readers into states[]. */
static void take_list(void)
{
    static SCARD_READERSTATE old[WATCHED_MAX];
    static char old_names[WATCHED_MAX][NAME_ROOM];
    size_t old_count = watch.count;
    memcpy(old, watch.states, sizeof(old));
    memcpy(old_names, watch.names, sizeof(old_names));
    for (size_t i = 1; i < old_count; i++)
        old[i].szReader = old_names[i];
    watch.count = 1;
    for (const char *name = watch.list; *name != '\0' && watch.count < WATCHED_MAX;
         name += strlen(name) + 1) {
        size_t i = watch.count++;
        snprintf(watch.names[i], NAME_ROOM, "%s", name);
        memset(&watch.states[i], 0, sizeof(watch.states[i]));
        watch.states[i].szReader = watch.names[i];
        watch.states[i].dwCurrentState = known_state(name, old, old_count);
    }
}

static bool is_listed(const struct unit *unit)
{
    for (size_t i = 1; i < watch.count; i++) {
        if (unit_of(watch.names[i]) == unit)
            return true;
    }
    return false;
}

static void look_at_list(void)
{
    DWORD size = sizeof(watch.list);
    LONG error = SCardListReaders(stress.watching, NULL, watch.list, &size);
    if (error == SCARD_E_NO_READERS_AVAILABLE) {
        watch.list[0] = '\0';
    } else if (error != SCARD_S_SUCCESS) {
        pthread_mutex_lock(&stress.mutex);
        stress_fail("SCardListReaders", NULL, error);
        pthread_mutex_unlock(&stress.mutex);
        return;
    }
    pthread_mutex_lock(&stress.mutex);
    stress.lists++;
    take_list();
    for (size_t i = 1; i < watch.count; i++) {
        struct unit *unit = unit_of(watch.names[i]);
        if (unit != NULL)
            note_seen(unit, watch.names[i]);
    }
    for (size_t i = 0; i < stress.count; i++) {
        struct unit *unit = &stress.units[i];
        if (unit->seen != 0 && unit->gone == 0 && !is_listed(unit))
            note_gone(unit);
    }
    pthread_mutex_unlock(&stress.mutex);
}

/* Takes what changed. True: readers came or went. */
static bool take_changes(void)
{
    bool plugging = false;
    pthread_mutex_lock(&stress.mutex);
    for (size_t i = 0; i < watch.count; i++) {
        SCARD_READERSTATE *state = &watch.states[i];
        struct unit *unit = i > 0 ? unit_of(watch.names[i]) : NULL;
        if ((state->dwEventState & SCARD_STATE_CHANGED) != 0 && i == 0) {
            stress.pnp++;
            plugging = true;
        }
        if ((state->dwEventState & SCARD_STATE_UNKNOWN) != 0)
            plugging = true;
        else if (unit != NULL && state->dwEventState != 0)
            note_card(unit, state->dwEventState);
        state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    stress.waits++;
    pthread_mutex_unlock(&stress.mutex);
    return plugging;
}

void *stress_watch(void *unused)
{
    bool plugging = true;
    (void)unused;
    watch.states[0].szReader = "\\\\?PnP?\\Notification";
    watch.count = 1;
    while (!stress.stop) {
        LONG error;
        if (plugging)
            look_at_list();
        note_call(true, plugging);
        error = SCardGetStatusChange(stress.watching, WAIT_MS, watch.states,
                                     (DWORD)watch.count);
        note_call(false, plugging);
        if (error == SCARD_S_SUCCESS || error == SCARD_E_TIMEOUT) {
            plugging = take_changes();
        } else if (error == SCARD_E_UNKNOWN_READER) {
            plugging = true;
        } else if (error != SCARD_E_CANCELLED) {
            pthread_mutex_lock(&stress.mutex);
            stress_fail("SCardGetStatusChange", NULL, error);
            pthread_mutex_unlock(&stress.mutex);
            break;
        }
    }
    return NULL;
}
