/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that programs of the Windows ABI wait for. On Windows and in Wine they are the
 * system's (event_windows.c); on Unix, which has none, tokens (event_posix.c). */
#ifndef FACE_EVENT_H
#define FACE_EVENT_H

#include "face/abi.h"

/* An event that is set, the process's for as long as it lives; with the manager of Windows
 * itself the one of that, which is set while its service runs. NULL: there is none to be
 * had. */
HANDLE face_started_event(void);

/* An event that each arrival of a reader sets and one waiter that sees it clears: the
 * process's, too, but while nobody has taken it nobody looks for readers. NULL: there is
 * none to be had. Without a manager it is never set. */
HANDLE face_take_new_reader_event(void);
/* Answers one taking, or all. One too many changes nothing. */
void face_leave_new_reader_event(bool all);

#endif
