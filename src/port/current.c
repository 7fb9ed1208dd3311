/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that calls, and this process. */
#include "port/object.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local struct winport_object *this_thread;
static _Thread_local DWORD this_id;

/* Ids are multiples of 4, as those of Windows. */
DWORD winport_new_thread_id(void)
{
    static _Atomic DWORD last;
    return atomic_fetch_add(&last, 4) + 4;
}

void winport_begin_thread(struct winport_object *thread)
{
    this_thread = thread;
    if (thread != NULL)
        this_id = thread->thread.id;
}

struct winport_object *winport_this_thread(void)
{
    return this_thread;
}

DWORD GetCurrentThreadId(void)
{
    if (this_id == 0)
        this_id = winport_new_thread_id();
    return this_id;
}

HANDLE GetCurrentThread(void)
{
    return (HANDLE)(LONG_PTR)-2;
}

HANDLE GetCurrentProcess(void)
{
    return (HANDLE)(LONG_PTR)-1;
}

DWORD GetCurrentProcessId(void)
{
    return (DWORD)getpid();
}

void ExitProcess(UINT code)
{
    exit((int)code);
}
