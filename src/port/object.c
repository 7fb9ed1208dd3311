/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

pthread_mutex_t winport_lock = PTHREAD_MUTEX_INITIALIZER;

/* One condition for all who wait, as they are few. */
static pthread_cond_t changed;
static pthread_once_t changed_once = PTHREAD_ONCE_INIT;

static void make_changed(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct winport_waiter *waiters; /* the longest first */

void winport_begin_wait(struct winport_waiter *waiter)
{
    struct winport_waiter **at = &waiters;
    while (*at != NULL)
        at = &(*at)->next;
    *at = waiter;
}

void winport_end_wait(struct winport_waiter *waiter)
{
    struct winport_waiter **at = &waiters;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
}

/* By whoever signals, not by those who wait when they run: a program that sets an event and
 * resets it has let go all who waited then, and one that sets it twice, two of them. */
void winport_changed(void)
{
    for (struct winport_waiter *waiter = waiters; waiter != NULL; waiter = waiter->next)
        waiter->look(waiter);
    pthread_once(&changed_once, make_changed);
    pthread_cond_broadcast(&changed);
}

void winport_wait_for_change(void)
{
    pthread_once(&changed_once, make_changed);
    pthread_cond_wait(&changed, &winport_lock);
}

void winport_wait_for_change_until(const struct timespec *end)
{
    pthread_once(&changed_once, make_changed);
    pthread_cond_timedwait(&changed, &winport_lock, end);
}

/* --- Objects ------------------------------------------------------------------------ */

struct winport_object *winport_object_new(enum winport_kind kind)
{
    assert(kind != WINPORT_ANY);
    struct winport_object *object = calloc(1, sizeof(*object));
    if (object == NULL)
        return NULL;
    object->kind = kind;
    object->uses = 1;
    return object;
}

void winport_object_hold(struct winport_object *object)
{
    assert(object->uses > 0);
    object->uses++;
}

static struct winport_object *all_named;

static void forget_name(struct winport_object *object)
{
    for (struct winport_object **at = &all_named; *at != NULL; at = &(*at)->next_named)
        if (*at == object) {
            *at = object->next_named;
            break;
        }
    free(object->name);
    object->name = NULL;
}

struct winport_object *winport_object_named(const char *name)
{
    struct winport_object *object = all_named;
    while (object != NULL && strcmp(object->name, name) != 0)
        object = object->next_named;
    return object;
}

void winport_object_drop(struct winport_object *object)
{
    assert(object->uses > 0);
    if (--object->uses > 0)
        return;
    if (object->name != NULL)
        forget_name(object);
    if (object->kind == WINPORT_FILE && object->file.standard == NULL)
        close(object->file.descriptor);
    free(object);
}

struct winport_object *winport_object_new_named(enum winport_kind kind, const char *name)
{
    struct winport_object *object = winport_object_new(kind);
    if (object == NULL || name == NULL)
        return object;
    object->name = strdup(name);
    if (object->name == NULL) {
        winport_object_drop(object);
        return NULL;
    }
    object->next_named = all_named;
    all_named = object;
    return object;
}

void winport_disown(struct winport_object *mutex)
{
    struct winport_object **at = &mutex->mutex.owner->owned;
    while (*at != mutex)
        at = &(*at)->mutex.next_owned;
    *at = mutex->mutex.next_owned;
    mutex->mutex.owner = NULL;
    mutex->mutex.recursion = 0;
    winport_changed();
    winport_object_drop(mutex);
}

/* As on Windows, the last handle takes the name along, whoever still waits for it. */
void winport_without_handle(struct winport_object *object)
{
    if (object->name != NULL)
        forget_name(object);
    if (object->kind == WINPORT_MUTEX && object->mutex.owner != NULL && object->uses == 2)
        winport_disown(object);
}

/* --- Handles ------------------------------------------------------------------------ */

/* Handles are multiples of 4, as on Windows, and fit 32 bits: programs keep them in a
 * DWORD. */
#define GENERATIONS 0xffff

struct place {
    struct winport_object *object; /* NULL: free */
    unsigned generation;           /* 1 to GENERATIONS, of the last handle */
    unsigned next_free;
};

static struct place *places;
static unsigned places_made, first_free = WINPORT_HANDLES;

HANDLE winport_handle_new(struct winport_object *object)
{
    unsigned index = first_free;
    if (index < WINPORT_HANDLES) {
        first_free = places[index].next_free;
    } else {
        if (places_made == WINPORT_HANDLES) {
            winport_fail(ERROR_TOO_MANY_OPEN_FILES);
            return NULL;
        }
        if ((places_made & (places_made - 1)) == 0) {
            size_t room = places_made == 0 ? 1 : 2 * (size_t)places_made;
            struct place *more = realloc(places, room * sizeof(*places));
            if (more == NULL) {
                winport_fail(ERROR_NOT_ENOUGH_MEMORY);
                return NULL;
            }
            places = more;
        }
        index = places_made++;
        places[index].generation = 0;
    }
    struct place *place = &places[index];
    place->generation = place->generation == GENERATIONS ? 1 : place->generation + 1;
    place->object = object;
    object->handles++;
    winport_object_hold(object);
    return (HANDLE)(uintptr_t)((place->generation * (uintptr_t)WINPORT_HANDLES + index)
                               * 4);
}

static struct place *handle_place(HANDLE handle)
{
    uintptr_t number = (uintptr_t)handle;
    uintptr_t index = number / 4 % WINPORT_HANDLES;
    if (number % 4 != 0 || index >= places_made || places[index].object == NULL
        || places[index].generation != number / 4 / WINPORT_HANDLES)
        return NULL;
    return &places[index];
}

struct winport_object *winport_object_of(HANDLE handle, enum winport_kind kind)
{
    struct place *place = handle_place(handle);
    if (place == NULL || (kind != WINPORT_ANY && place->object->kind != kind)) {
        winport_fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return place->object;
}

static void close_place(struct place *place)
{
    struct winport_object *object = place->object;
    place->object = NULL;
    place->next_free = first_free;
    first_free = (unsigned)(place - places);
    if (--object->handles == 0)
        winport_without_handle(object);
    winport_object_drop(object);
}

BOOL CloseHandle(HANDLE handle)
{
    /* That of a thread or process for itself needs no closing, and takes it. */
    if (handle == GetCurrentThread() || handle == GetCurrentProcess())
        return TRUE;
    pthread_mutex_lock(&winport_lock);
    struct place *place = handle_place(handle);
    bool stays = place != NULL && place->object->kind == WINPORT_FILE
                 && place->object->file.standard == handle;
    if (place != NULL && !stays)
        close_place(place);
    pthread_mutex_unlock(&winport_lock);
    return place != NULL || winport_fail(ERROR_INVALID_HANDLE);
}

/* A handle that stands for what calls, as an object. */
static struct winport_object *source_of(HANDLE handle)
{
    if (handle == GetCurrentThread()) {
        struct winport_object *own = winport_this_thread();
        if (own == NULL)
            winport_fail(ERROR_INVALID_HANDLE);
        return own;
    }
    return winport_object_of(handle, WINPORT_ANY);
}

BOOL DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process,
                     LPHANDLE target, DWORD access, BOOL inherit, DWORD options)
{
    (void)access;
    (void)inherit;
    if (target == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    if (source_process != GetCurrentProcess() || target_process != GetCurrentProcess())
        return winport_fail(ERROR_NOT_SUPPORTED);
    pthread_mutex_lock(&winport_lock);
    struct winport_object *object = source_of(source);
    HANDLE copy = object == NULL ? NULL : winport_handle_new(object);
    pthread_mutex_unlock(&winport_lock);
    if (options & DUPLICATE_CLOSE_SOURCE) { /* whatever became of the copy */
        const DWORD error = GetLastError();
        CloseHandle(source);
        SetLastError(error);
    }
    if (copy == NULL)
        return FALSE;
    *target = copy;
    return TRUE;
}
