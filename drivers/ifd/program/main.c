/* SPDX-License-Identifier: BSD-2-Clause */
/* winscard-ifd: runs one IFD handler for one reader, as the library that has started it says
 * (drivers/ifd/wire.h). It ends when that does, when the library hangs up, or when the
 * handler crashes; whatever the handler has started ends with it. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ifd/handler.h"
#include "drivers/ifd/program/pcscd_log.h"
#include "manager/driver.h"
#include "os/child.h"
#include "os/lock.h"
#include "os/setting.h"
#include "os/thread.h"
#include "os/time.h"
#include "os/unix_socket.h"

#include <stdio.h>
#include <string.h>

enum {
    OPEN_MS = 10000, /* for the library to say which handler */
    CLOSE_MS = 3000  /* for the handler to close its reader */
};

static struct {
    struct os_socket control;
    struct os_mutex lock; /* of what is written there */
    struct ifd_unit *unit;
    uint32_t slots_served;
    /* Its end. */
    struct os_mutex end_lock;
    struct os_cond ended;
    bool closed;
} program = {.control = OS_SOCKET_NONE, .lock = OS_MUTEX_INIT, .end_lock = OS_MUTEX_INIT};

struct served_slot {
    struct os_thread thread;
    struct os_socket socket;
    uint32_t index;
    uint8_t *in, *out;
};

static struct served_slot slots[IFD_SLOTS_MAX];

/* The library has hung up, or does not take what it is told: there is nobody to serve. */
static enum sc_error tell(const struct ifd_frame *frame, const void *bytes)
{
    os_mutex_lock(&program.lock);
    enum sc_error error = ifd_frame_write(program.control, frame, bytes,
                                          os_deadline_ms(IFD_WRITE_MS), NULL);
    os_mutex_unlock(&program.lock);
    return error;
}

static void tell_moved(void *context, uint32_t slot, enum ifd_presence presence,
                       uint32_t moves)
{
    const struct ifd_frame frame = {
        .kind = IFD_MOVED, .number = slot, .a = presence, .b = moves};
    (void)context;
    if (tell(&frame, NULL) != SC_OK)
        os_child_end();
}

/* In the thread that crashes: no lock is taken, as it may be the one that has it. */
static void tell_crashed(int number)
{
    const struct ifd_frame frame = {.kind = IFD_CRASHED, .a = (uint32_t)number};
    if (ifd_frame_write(program.control, &frame, NULL, 0, NULL) != SC_OK)
        return; /* then it is seen to end */
}

/* --- Slots ----------------------------------------------------------------------------- */

static enum sc_error answer_call(struct served_slot *slot, const struct ifd_frame *asked)
{
    struct ifd_call call = {.kind = (enum ifd_kind)asked->kind,
                            .a = asked->a,
                            .b = asked->b,
                            .in = slot->in,
                            .in_size = asked->size,
                            .out = slot->out,
                            .room = DRIVER_TRANSFER_MAX};
    enum sc_error error = SC_OK;
    if (asked->size > 0)
        error = os_socket_read(slot->socket, slot->in, asked->size,
                               os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error != SC_OK)
        return error;
    ifd_unit_call(program.unit, slot->index, &call);
    secret_clear(slot->in, asked->size);
    struct ifd_frame answer = {.kind = IFD_ANSWER,
                               .number = asked->number,
                               .a = call.code,
                               .b = call.moves,
                               .size = (uint32_t)call.out_size};
    error = ifd_frame_write(slot->socket, &answer, slot->out,
                            os_deadline_ms(IFD_WRITE_MS), NULL);
    if (ifd_unit_is_ruined(program.unit)) {
        tell_crashed(0);
        os_child_end();
    }
    return error;
}

static void serve_slot(void *context)
{
    struct served_slot *slot = context;
    struct ifd_frame asked;
    os_child_heed_signals();
    while (ifd_frame_read(slot->socket, IFD_END_PROGRAM_SLOT, &asked, OS_FOREVER, NULL)
               == SC_OK
           && answer_call(slot, &asked) == SC_OK) {
    }
}

/* Its connection comes next. */
static enum sc_error take_slot(uint32_t index)
{
    struct served_slot *slot = &slots[index];
    if (program.unit == NULL || index != program.slots_served
        || index >= ifd_unit_slots(program.unit))
        return SC_F_COMM_ERROR;
    enum sc_error error =
        os_unix_take(program.control, &slot->socket, os_deadline_ms(IFD_WRITE_MS));
    slot->index = index;
    slot->in = mem_alloc(DRIVER_TRANSFER_MAX);
    slot->out = mem_alloc(DRIVER_TRANSFER_MAX);
    if (error == SC_OK && (slot->in == NULL || slot->out == NULL))
        error = SC_E_NO_MEMORY;
    if (error == SC_OK)
        error = os_thread_start(&slot->thread, "scard-ifd-slot", serve_slot, slot);
    program.slots_served += error == SC_OK ? 1 : 0;
    if (error == SC_OK && program.slots_served == ifd_unit_slots(program.unit))
        error = ifd_unit_watch(program.unit);
    return error;
}

/* --- The reader ------------------------------------------------------------------------ */

static bool read_target(const char *bytes, size_t size, uint32_t channel,
                        struct ifd_target *target)
{
    const char *end = memchr(bytes, '\0', size);
    if (end == NULL || bytes[size - 1] != '\0')
        return false;
    size_t first = (size_t)(end - bytes) + 1;
    if (first > sizeof(target->object) || size - first > sizeof(target->device)
        || size == first || memchr(end + 1, '\0', size - first) != bytes + size - 1)
        return false;
    memcpy(target->object, bytes, first);
    memcpy(target->device, bytes + first, size - first);
    target->channel = channel;
    return true;
}

static enum sc_error tell_refusal(const struct ifd_refusal *refusal)
{
    const struct ifd_frame frame = {.kind = IFD_FAILED,
                                    .a = refusal->failure,
                                    .b = refusal->code,
                                    .size = (uint32_t)strlen(refusal->why)};
    (void)tell(&frame, refusal->why);
    return SC_E_READER_UNAVAILABLE;
}

static enum sc_error tell_opened(void)
{
    uint8_t presence[IFD_SLOTS_MAX];
    uint32_t moves;
    struct ifd_frame frame = {.kind = IFD_OPENED,
                              .a = ifd_unit_slots(program.unit),
                              .b = ifd_unit_version(program.unit)};
    frame.size = frame.a;
    for (uint32_t i = 0; i < frame.a; i++)
        presence[i] = (uint8_t)ifd_unit_presence(program.unit, i, &moves);
    return tell(&frame, presence);
}

static enum sc_error open_reader(const struct ifd_frame *asked)
{
    char bytes[IFD_TARGET_MAX];
    struct ifd_target target;
    struct ifd_refusal refusal = {.failure = IFD_FAILED_TO_OPEN, .why = "no memory"};
    if (program.unit != NULL)
        return SC_F_COMM_ERROR;
    enum sc_error error = os_socket_read(program.control, bytes, asked->size,
                                         os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error == SC_OK && !read_target(bytes, asked->size, asked->a, &target))
        error = SC_F_COMM_ERROR;
    if (error != SC_OK)
        return error;
    error = ifd_unit_open(&target, tell_moved, NULL, &program.unit, &refusal);
    return error == SC_OK ? tell_opened() : tell_refusal(&refusal);
}

static enum sc_error heed_library(uint64_t deadline_ms)
{
    struct ifd_frame asked;
    enum sc_error error =
        ifd_frame_read(program.control, IFD_END_PROGRAM, &asked, deadline_ms, NULL);
    if (error != SC_OK)
        return error;
    return asked.kind == IFD_OPEN ? open_reader(&asked) : take_slot(asked.a);
}

/* Until the library hangs up or ends. */
static void serve_library(void)
{
    struct os_poll_entry entries[2] = {
        {.socket = program.control, .want_read = true},
        {.socket = os_child_parent(program.control), .want_read = true}};
    enum sc_error error = heed_library(os_deadline_ms(OPEN_MS));
    while (error == SC_OK) {
        error = os_poll(entries, ARRAY_SIZE(entries), NULL, OS_FOREVER);
        if (error == SC_OK && (entries[1].readable || entries[1].hung_up))
            return;
        if (error == SC_OK && (entries[0].readable || entries[0].hung_up))
            error = heed_library(os_deadline_ms(IFD_WRITE_MS));
    }
}

static void close_unit(void *context)
{
    (void)context;
    os_child_heed_signals();
    for (uint32_t i = 0; i < program.slots_served; i++) {
        os_socket_shut(slots[i].socket);
        os_thread_join(&slots[i].thread);
    }
    ifd_unit_close(program.unit);
    os_mutex_lock(&program.end_lock);
    program.closed = true;
    os_cond_broadcast(&program.ended);
    os_mutex_unlock(&program.end_lock);
}

/* A call that hangs, hangs on: no handler is called beside it for longer than this. */
static void close_in_time(void)
{
    struct os_thread thread;
    uint64_t limit_ms = os_deadline_ms(CLOSE_MS);
    if (program.unit == NULL
        || os_thread_start(&thread, "scard-ifd-end", close_unit, NULL) != SC_OK)
        return;
    os_mutex_lock(&program.end_lock);
    while (!program.closed && os_cond_wait(&program.ended, &program.end_lock, limit_ms)) {
    }
    os_mutex_unlock(&program.end_lock);
}

int main(void)
{
    if (!os_child_begin(&program.control)) {
        (void)fputs("winscard-ifd is started by the WinSCard library, for a driver of "
                    "pcscd: winscard-ifdhost(7)\n",
                    stderr);
        return 2;
    }
    log_take_setting(os_setting(SETTING_LOG));
    pcscd_log_keep();
    os_cond_init(&program.ended);
    os_child_at_crash(tell_crashed);
    serve_library();
    close_in_time();
    os_child_end();
}
