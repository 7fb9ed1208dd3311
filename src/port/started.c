/* SPDX-License-Identifier: BSD-2-Clause */
/* What SCardAccessStartedEvent gives is a token of the library's, which nobody sets: whether
 * the manager is there is asked of the manager. */
#include "port/object.h"

#include <winscard.h>

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

/* Weak: a program may load the library by LoadLibrary() alone. */
#pragma weak SCardAccessStartedEvent
#pragma weak SCardEstablishContext
#pragma weak SCardReleaseContext

typedef HANDLE(WINAPI *started_call)(void);
typedef LONG(WINAPI *establish_call)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
typedef LONG(WINAPI *release_call)(SCARDCONTEXT);

/* Of the library in which GetProcAddress() has found the event last. */
static _Atomic(started_call) found_started;
static _Atomic(establish_call) found_establish;
static _Atomic(release_call) found_release;
static _Atomic(void *) found_in;

/* An address from dlsym(), which POSIX has as a pointer to an object. */
#define CALL_OF(type, address)                                                           \
    (((union {                                                                           \
         void *object;                                                                   \
         type call;                                                                      \
     }){.object = (address)})                                                            \
         .call)

void winport_started_found(void *module, const char *name, void *address)
{
    if (strcmp(name, "SCardAccessStartedEvent") != 0)
        return;
    void *establish = dlsym(module, "SCardEstablishContext");
    void *release = dlsym(module, "SCardReleaseContext");
    if (establish == NULL || release == NULL)
        return;
    found_establish = CALL_OF(establish_call, establish);
    found_release = CALL_OF(release_call, release);
    found_in = module;
    found_started = CALL_OF(started_call, address);
}

void winport_started_lost(void *module)
{
    if (found_in != module)
        return;
    found_started = (started_call)0;
    found_establish = (establish_call)0;
    found_release = (release_call)0;
    found_in = NULL;
}

bool winport_is_started_event(HANDLE handle)
{
    if (handle == NULL)
        return false;
    started_call found = found_started;
    return (SCardAccessStartedEvent != NULL && handle == SCardAccessStartedEvent())
           || (found != NULL && handle == found());
}

bool winport_manager_answers(void)
{
    establish_call establish = found_establish;
    release_call release = found_release;
    if (establish == NULL || release == NULL) {
        if (SCardEstablishContext == NULL || SCardReleaseContext == NULL)
            return false;
        establish = SCardEstablishContext;
        release = SCardReleaseContext;
    }
    SCARDCONTEXT context;
    if (establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return false;
    release(context);
    return true;
}
