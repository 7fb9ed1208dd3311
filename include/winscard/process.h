/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, as Microsoft's C library makes them. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <process.h>
#endif

#ifndef WINSCARD_PROCESS_H
#define WINSCARD_PROCESS_H

#ifndef WINSCARD_ON_WINDOWS

#include "processthreadsapi.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* As CreateThread(), whose handle they give: _beginthreadex() 0 on failure; the handle of
 * _beginthread() is not to be closed, and not to be used after the thread has ended, and is
 * -1 on failure. */
WINPORT_API(uintptr_t)
_beginthreadex(void *security, unsigned stack_bytes, unsigned (*routine)(void *),
               void *argument, unsigned flags, unsigned *thread_id)
    WINPORT_NAME(_beginthreadex);
WINPORT_API(uintptr_t)
_beginthread(void (*routine)(void *), unsigned stack_bytes, void *argument)
    WINPORT_NAME(_beginthread);
WINPORT_API(DECLSPEC_NORETURN void)
_endthreadex(unsigned code) WINPORT_NAME(_endthreadex);
WINPORT_API(DECLSPEC_NORETURN void) _endthread(void) WINPORT_NAME(_endthread);
#define _getpid getpid

#endif
#endif
#endif
