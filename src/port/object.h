/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects and their handles. A handle is a number, its object's place in a table and a
 * count of that place's users: a stale one is told from one in use, and never followed. One
 * lock guards all objects, so that several can be taken at once. */
#ifndef PORT_OBJECT_H
#define PORT_OBJECT_H

#include "port/port.h"

#include <pthread.h>
#include <time.h>

#define WINPORT_HANDLES 16384 /* of a process */
#define WINPORT_NAME_MAX                                                                 \
    260 /* characters of UTF-16 of an object's name, without the NUL */

enum winport_kind {
    WINPORT_ANY,
    WINPORT_EVENT,
    WINPORT_MUTEX,
    WINPORT_SEMAPHORE,
    WINPORT_THREAD,
    WINPORT_FILE,
};

/* A thread, for its mutexes: while it waits, another takes them for it. */
struct winport_owner {
    struct winport_object *owned; /* the mutexes that it has; each is held */
};

struct winport_object {
    enum winport_kind kind;
    unsigned uses;    /* handles, and calls that have it; freed with the last */
    unsigned handles; /* found by its name as long as there is one */
    char *name;       /* or NULL */
    struct winport_object *next_named;
    union {
        struct {
            bool manual, set;
        } event;
        struct {
            LONG count, most;
        } semaphore;
        struct {
            struct winport_owner *owner; /* its thread, or NULL */
            DWORD recursion;             /* how often that has it */
            bool abandoned;
            struct winport_object *next_owned;
        } mutex;
        struct {
            DWORD id, exit_code;
            bool suspended, ended;
            LPTHREAD_START_ROUTINE routine;
            LPVOID argument;
            HANDLE closes; /* the handle that goes with it, of _beginthread(); or NULL */
        } thread;
        struct {
            int descriptor;
            HANDLE standard; /* of one of the three that stay open, which stays too */
        } file;
    };
};

extern pthread_mutex_t winport_lock;

/* The rest is called with the lock held. */

/* NULL: out of memory. One use, the caller's. `name` is copied; NULL: it has none. */
struct winport_object *winport_object_new(enum winport_kind kind);
struct winport_object *winport_object_new_named(enum winport_kind kind, const char *name);
/* The one of that name, or NULL. Nothing is held. */
struct winport_object *winport_object_named(const char *name);
void winport_object_hold(struct winport_object *object);
void winport_object_drop(struct winport_object *object);
/* A handle, which holds the object. NULL, and the last error: there are too many. */
HANDLE winport_handle_new(struct winport_object *object);
/* NULL, and ERROR_INVALID_HANDLE: it is none, or of another kind. Nothing is held. */
struct winport_object *winport_object_of(HANDLE handle, enum winport_kind kind);

/* What waits. `look` tells whether it is over, and takes what it waits for. */
struct winport_waiter {
    bool (*look)(struct winport_waiter *waiter);
    struct winport_waiter *next;
};
void winport_begin_wait(struct winport_waiter *waiter);
void winport_end_wait(struct winport_waiter *waiter);
/* Something is signalled, or goes on: those who wait for it, the longest first, get it now,
 * whatever happens to it before they run. */
void winport_changed(void);
/* Wait for that, without the lock meanwhile; at most until `end` of CLOCK_MONOTONIC. */
void winport_wait_for_change(void);
void winport_wait_for_change_until(const struct timespec *end);

/* The mutex is nobody's, who had it does not hold it any more. */
void winport_disown(struct winport_object *mutex);
/* It got no handle, or has none any more: who had it alone does not keep it. The caller
 * holds it. */
void winport_without_handle(struct winport_object *object);

/* The calling thread, which needs no lock for it (take.c). */
struct winport_owner *winport_this_owner(void);
/* Whether that thread could take it now, and taking it. */
bool winport_signalled(const struct winport_object *object,
                       const struct winport_owner *owner);
/* Gives whether it is a mutex that its thread had when it ended. */
bool winport_take(struct winport_object *object, struct winport_owner *owner);
/* The calling thread ends with those that it has. */
void winport_abandon_mutexes(void);
/* As the calls of Windows, of an object of the right kind (take.c, sync.c). */
BOOL winport_release_mutex(struct winport_object *mutex);
void winport_put_event(struct winport_object *event, bool set);
BOOL winport_release_semaphore(struct winport_object *semaphore, LONG count,
                               LPLONG previous);

/* The object of the calling thread, made by CreateThread(), or NULL (current.c). */
struct winport_object *winport_this_thread(void);
void winport_begin_thread(struct winport_object *thread);
/* Whether it can be told that a thread ends: there is a key for it (thread.c). */
bool winport_threads_end(void);
DWORD winport_new_thread_id(void);

/* The file of a handle, held until winport_file_let_go(): a handle that is closed meanwhile
 * takes the descriptor from nobody. NULL, and the last error. No lock is held (file.c). */
struct winport_object *winport_file_hold(HANDLE handle);
void winport_file_let_go(struct winport_object *file);

/* --- The handle of SCardAccessStartedEvent (started.c); no lock is held ------------- */

/* It is the library's own; which library that is, libloaderapi knows. */
bool winport_is_started_event(HANDLE handle);
bool winport_manager_answers(void);
/* GetProcAddress() has found this address for that name in a library. */
void winport_started_found(void *module, const char *name, void *address);
/* The library is about to be freed. */
void winport_started_lost(void *module);

#endif
