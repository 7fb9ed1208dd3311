/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of Windows. Whoever takes that of new readers has a thread of Windows' started,
 * which may set it: threads of our own may not (kernel32.h). It waits in a context of its
 * own, whose release ends it, and says so to nobody: what it uses is its own. */
#include "face/event.h"

#include "base/alloc.h"
#include "face/kernel32.h"
#include "os/lock.h"
#include "os/time.h"

static struct os_mutex event_lock = OS_MUTEX_INIT;
static HANDLE started_event, new_reader_event; /* NULL until asked for, then kept */
static uint32_t holders;                       /* of new_reader_event */
static uint32_t looking;                       /* the context of its thread; 0: none */

/* It stays for the process, so that no handle of a program becomes another thing's. */
static HANDLE keep_event(HANDLE *event, bool manual, bool set)
{
    os_mutex_lock(&event_lock);
    if (*event == NULL)
        *event = CreateEventW(NULL, manual, set, NULL);
    HANDLE kept = *event;
    os_mutex_unlock(&event_lock);
    return kept;
}

HANDLE face_started_event(void)
{
    const struct carrier *carrier = client_carrier();
    if (carrier != NULL && carrier->started_event != NULL)
        return carrier->started_event();
    return keep_event(&started_event, true, true);
}

/* --- New readers -------------------------------------------------------------------- */

struct look {
    uint32_t context;
    uint32_t state; /* of the pseudo reader, its counter of readers in the high half */
    HANDLE event;
};

static enum sc_error look(struct look *this, uint64_t timeout_ms)
{
    struct watch_entry entry = {.name = "\\\\?PnP?\\Notification",
                                .current = this->state};
    enum sc_error error =
        client_carrier()->watch(this->context, FACE_WATCH_RULE, timeout_ms, &entry, 1);
    if (error == SC_OK || error == SC_E_TIMEOUT)
        this->state = entry.event & ~(uint32_t)SCARD_STATE_CHANGED;
    return error;
}

/* Ends when the context is released, or the manager is gone. A reader that comes in the very
 * moment in which another goes is not told from none. */
static DWORD WINAPI look_for_readers(LPVOID argument)
{
    struct look *this = argument;
    uint32_t before = this->state;
    while (look(this, OS_FOREVER) == SC_OK) {
        if (this->state >> 16 > before >> 16)
            SetEvent(this->event);
        before = this->state;
    }
    mem_free(this);
    return 0;
}

/* The readers of now are no news, so they are counted before the caller goes on. */
static bool start_thread(struct look *this)
{
    enum sc_error error = look(this, 0);
    if (error != SC_OK && error != SC_E_TIMEOUT)
        return false;
    HANDLE thread = CreateThread(NULL, 0, look_for_readers, this, 0, NULL);
    if (thread != NULL)
        CloseHandle(thread);
    return thread != NULL;
}

/* The context of a new thread; 0: there is none. */
static uint32_t start_looking(HANDLE event)
{
    const struct carrier *carrier = client_carrier();
    struct look *this = mem_alloc(sizeof(*this));
    if (this == NULL)
        return 0;
    if (carrier == NULL
        || carrier->establish(FACE_PROGRAM_ABI, &this->context) != SC_OK) {
        mem_free(this);
        return 0;
    }
    uint32_t context = this->context;
    this->event = event;
    if (!start_thread(this)) {
        (void)carrier->release(context);
        mem_free(this);
        return 0;
    }
    return context;
}

HANDLE face_take_new_reader_event(void)
{
    HANDLE event = keep_event(&new_reader_event, false, false);
    if (event == NULL)
        return NULL;
    os_mutex_lock(&event_lock);
    holders++;
    bool first = holders == 1;
    os_mutex_unlock(&event_lock);
    if (!first)
        return event;
    uint32_t context = start_looking(event);
    os_mutex_lock(&event_lock);
    bool wanted = holders > 0 && looking == 0;
    if (wanted)
        looking = context;
    os_mutex_unlock(&event_lock);
    if (!wanted && context != 0)
        (void)client_carrier()->release(context);
    return event;
}

void face_leave_new_reader_event(bool all)
{
    uint32_t context = 0;
    os_mutex_lock(&event_lock);
    if (holders > 0)
        holders = all ? 0 : holders - 1;
    if (holders == 0) {
        context = looking;
        looking = 0;
    }
    os_mutex_unlock(&event_lock);
    if (context != 0)
        (void)client_carrier()->release(context);
}
