/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ifd/device.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "os/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- Readers --------------------------------------------------------------------------- */

static enum sc_error make_readers(struct ifd_device *device)
{
    enum sc_error error = SC_OK;
    while (device->reader_count < device->slot_count && error == SC_OK) {
        struct ifd_reader *reader = &device->readers[device->reader_count];
        kit_reader_init(&reader->kit, &device->kit);
        reader->device = device;
        device->reader_count++;
        error = os_wake_init(&reader->kit.wake);
    }
    return error;
}

static void arrive_slot(struct ifd_device *device, uint32_t index, bool present)
{
    struct ifd_reader *reader = &device->readers[index];
    struct reader_info info = device->info;
    info.slot = index;
    kit_reader_lock(&reader->kit);
    (void)kit_reader_note_card(&reader->kit, present);
    reader->moves = 0;
    kit_reader_unlock(&reader->kit);
    enum sc_error error = kit_reader_arrive(&reader->kit, &info);
    if (error != SC_OK)
        log_error("ifd: %s was refused: %s", device->label, sc_error_words(error));
}

static void dismiss_readers(struct ifd_device *device)
{
    for (uint32_t i = 0; i < device->slot_count; i++)
        kit_reader_leave(&device->readers[i].kit);
    for (uint32_t i = 0; i < device->slot_count && device->own_process; i++)
        if (os_socket_is_open(device->readers[i].socket))
            os_socket_shut(device->readers[i].socket); /* what a job waits at */
    for (uint32_t i = 0; i < device->slot_count; i++)
        kit_reader_await_close(&device->readers[i].kit);
}

/* --- Life ------------------------------------------------------------------------------ */

/* To be started again. */
static uint64_t plan_restart(struct ifd_device *device)
{
    uint64_t pause_ms = IFD_RESTART_MS;
    for (uint32_t i = 0; i < device->failures && pause_ms < IFD_RESTART_MAX_MS; i++)
        pause_ms *= 2;
    if (pause_ms > IFD_RESTART_MAX_MS)
        pause_ms = IFD_RESTART_MAX_MS;
    device->failures++;
    device->state = IFD_DOWN;
    device->due_ms = os_now_ms() + pause_ms;
    log_debug("ifd: %s: tried again in %u ms", device->label, (unsigned)pause_ms);
    return device->due_ms;
}

static uint64_t give_up(struct ifd_device *device)
{
    dismiss_readers(device);
    ifd_hang_up(device);
    if (os_now_ms() - device->opened_ms > IFD_SOUND_MS)
        device->failures = 0;
    return plan_restart(device);
}

/* The one that it comes after was tried, or takes too long. */
static void await_order(struct ifd_device *device)
{
    enum { STEP_MS = 5 };
    uint64_t limit_ms = os_now_ms() + IFD_ORDER_MS;
    while (device->after != NULL && !ifd_device_is_settled(device->after)
           && os_now_ms() < limit_ms
           && os_poll(NULL, 0, &device->kit.attendant.wake, os_now_ms() + STEP_MS)
                  == SC_E_TIMEOUT) {
    }
    device->after = NULL;
}

static uint64_t serve_readers(struct ifd_device *device,
                              const uint8_t presence[IFD_SLOTS_MAX])
{
    enum sc_error error = make_readers(device);
    if (error == SC_OK && device->own_process)
        error = ifd_connect_slots(device);
    if (error != SC_OK) {
        log_error("ifd: %s: %s", device->label, sc_error_words(error));
        os_child_kill(&device->child);
        ifd_hang_up(device);
        return plan_restart(device);
    }
    await_order(device);
    device->state = IFD_SERVED;
    device->opened_ms = os_now_ms();
    log_info("ifd: %s: %u %s", device->label, (unsigned)device->slot_count,
             device->slot_count == 1 ? "slot" : "slots");
    for (uint32_t i = 0; i < device->slot_count; i++)
        arrive_slot(device, i, presence[i] == IFD_PRESENT);
    return 0;
}

static uint64_t start_handler(struct ifd_device *device)
{
    uint8_t presence[IFD_SLOTS_MAX] = {0};
    enum sc_error error = ifd_connect(device, presence);
    if (error == SC_OK)
        return serve_readers(device, presence);
    if (error == SC_E_CANCELLED)
        return 0;
    if (error != SC_E_READER_UNSUPPORTED)
        return plan_restart(device);
    device->state = IFD_REFUSED;
    return OS_FOREVER;
}

/* --- News ------------------------------------------------------------------------------ */

/* False: the reader is gone. */
static bool take_news(struct ifd_device *device, uint32_t index, uint32_t presence,
                      uint32_t moves)
{
    struct ifd_reader *reader = &device->readers[index];
    if (presence == IFD_GONE) {
        log_info("ifd: %s: the reader is gone", device->label);
        return false;
    }
    kit_reader_lock(&reader->kit);
    bool present = presence == IFD_PRESENT;
    /* It was out, and is another card to the host. */
    if (present && kit_reader_has_card(&reader->kit) && moves - reader->moves >= 2)
        kit_reader_note_exchange(&reader->kit);
    else
        (void)kit_reader_note_card(&reader->kit, present);
    reader->moves = moves;
    os_cond_broadcast(&reader->kit.changed);
    kit_reader_unlock(&reader->kit);
    return true;
}

/* Of a handler in this process: its thread has woken this one. */
static uint64_t look_at_unit(struct ifd_device *device)
{
    for (uint32_t i = 0; i < device->slot_count; i++) {
        uint32_t moves;
        enum ifd_presence presence = ifd_unit_presence(device->unit, i, &moves);
        if (moves != device->readers[i].moves && !take_news(device, i, presence, moves))
            return give_up(device);
    }
    return OS_FOREVER;
}

/* False: nothing more is to come of it. */
static bool take_frame(struct ifd_device *device)
{
    struct ifd_frame frame;
    enum sc_error error = ifd_frame_read(device->control, IFD_END_DRIVER, &frame,
                                         os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error == SC_OK && frame.kind == IFD_MOVED && frame.number < device->slot_count)
        return take_news(device, frame.number, frame.a, frame.b);
    if (error == SC_OK && frame.kind == IFD_CRASHED)
        ifd_log_crash(device, frame.a);
    else if (error == SC_W_EOF)
        log_error("ifd: %s has ended", device->label);
    else
        log_error("ifd: %s tells what is no news", device->label);
    return false;
}

/* It hung up on a job. Whatever it has still told was written before it ended. */
static void hear_last_words(struct ifd_device *device)
{
    (void)os_child_wait(&device->child, os_deadline_ms(IFD_TELL_MS));
    while (os_socket_is_readable(device->control))
        if (!take_frame(device))
            return;
    log_error("ifd: %s has ended", device->label);
}

static uint64_t hear_process(struct ifd_device *device)
{
    struct os_poll_entry entries[2] = {
        {.socket = device->control, .want_read = true},
        {.socket = device->child.ended, .want_read = true}};
    enum sc_error error =
        os_poll(entries, ARRAY_SIZE(entries), &device->kit.attendant.wake, OS_FOREVER);
    uint32_t dropped = atomic_load_u32(&device->dropped);
    if (error != SC_OK || dropped != IFD_KEPT) {
        if (dropped == IFD_ENDED)
            hear_last_words(device);
        return give_up(device);
    }
    if (entries[0].readable)
        return take_frame(device) ? 0 : give_up(device);
    if (!entries[0].hung_up && !entries[1].readable && !entries[1].hung_up)
        return 0;
    log_error("ifd: %s has ended", device->label);
    return give_up(device);
}

/* The device's thread. */
static uint64_t look_after_device(void *context)
{
    struct ifd_device *device = context;
    uint64_t next_ms = OS_FOREVER;
    switch (device->state) {
    case IFD_DOWN:
        if (os_now_ms() < device->due_ms)
            return device->due_ms;
        next_ms = start_handler(device);
        atomic_store_u32(&device->settled, 1);
        break;
    case IFD_SERVED:
        next_ms = device->own_process ? hear_process(device) : look_at_unit(device);
        break;
    case IFD_REFUSED:
        break;
    }
    return next_ms;
}

static void destroy_ifd_device(struct kit_instance *instance)
{
    struct ifd_device *device = (struct ifd_device *)(void *)instance;
    ifd_hang_up(device);
    mem_free(device);
}

struct ifd_device *ifd_device_new(struct driver_host *host)
{
    struct ifd_device *device = mem_alloc(sizeof(*device));
    if (device == NULL)
        return NULL;
    kit_instance_init(&device->kit, host, destroy_ifd_device, "scard-ifd",
                      look_after_device);
    list_init(&device->link);
    device->child = (struct os_child)OS_CHILD_NONE;
    device->control = (struct os_socket)OS_SOCKET_NONE;
    for (uint32_t i = 0; i < IFD_SLOTS_MAX; i++)
        device->readers[i].socket = (struct os_socket)OS_SOCKET_NONE;
    device->own_process = true;
    device->apdu_timeout_ms = IFD_APDU_TIMEOUT_MS;
    device->open_timeout_ms = IFD_OPEN_TIMEOUT_MS;
    return device;
}

enum sc_error ifd_device_start(struct ifd_device *device)
{
    const char *slash = strrchr(device->target.object, '/');
    (void)snprintf(device->label, sizeof(device->label), "%.80s (%.70s)",
                   device->info.name[0] != '\0' ? device->info.name
                                                : device->info.product,
                   slash != NULL ? slash + 1 : device->target.object);
    assert(device->state == IFD_DOWN && device->reader_count == 0);
    enum sc_error error = kit_instance_add_wakes(&device->kit);
    return error == SC_OK ? kit_attendant_start(&device->kit.attendant) : error;
}

bool ifd_device_is_settled(struct ifd_device *device)
{
    return atomic_load_u32(&device->settled) != 0;
}
