/* SPDX-License-Identifier: BSD-2-Clause */
/* A handler is started, by a process of its own or here, and ended. */
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ifd/device.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/setting.h"
#include "os/time.h"
#include "os/unix_socket.h"

#include <stdio.h>
#include <string.h>

enum { KILLED_MS = 2000 /* for what was killed to be gone */ };

/* The same failure again and again is said once. */
static void log_failure(const struct ifd_device *device, const char *why)
{
    log_write(device->failures == 0 ? LOG_ERROR : LOG_DEBUG, "ifd: %s: %s", device->label,
              why);
}

/* --- The process ----------------------------------------------------------------------- */

static enum sc_error start_process(struct ifd_device *device)
{
    const char *program = os_setting_unless_empty(SETTING_IFD_PROGRAM);
    struct os_socket ends[2];
    char why[IFD_WHY_MAX];
    if (program == NULL)
        program = os_ifd_program();
    enum sc_error error = os_unix_pair(ends);
    if (error == SC_OK && !os_path_is_own(program)) {
        log_failure(device, "others than root may change the program that runs handlers");
        os_socket_close(&ends[0]);
        os_socket_close(&ends[1]);
        return SC_E_READER_UNSUPPORTED;
    }
    if (error == SC_OK) {
        error = program[0] == '/' ? os_child_start(program, ends[1], &device->child)
                                  : SC_E_FILE_NOT_FOUND;
        os_socket_close(&ends[1]);
        device->control = ends[0];
    }
    if (error == SC_OK || error == SC_E_NO_MEMORY)
        return error;
    (void)snprintf(why, sizeof(why),
                   "the program %.200s that runs handlers cannot be "
                   "started: %s",
                   program, sc_error_words(error));
    log_failure(device, why);
    return SC_E_READER_UNSUPPORTED;
}

static enum sc_error send_target(struct ifd_device *device)
{
    const struct ifd_target *target = &device->target;
    char bytes[IFD_TARGET_MAX];
    size_t first = strlen(target->object) + 1, second = strlen(target->device) + 1;
    const struct ifd_frame frame = {.kind = IFD_OPEN,
                                    .a = target->channel,
                                    .b = IFD_WIRE_VERSION,
                                    .size = (uint32_t)(first + second)};
    memcpy(bytes, target->object, first);
    memcpy(bytes + first, target->device, second);
    enum sc_error error = ifd_frame_write(device->control, &frame, bytes,
                                          os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error != SC_OK)
        log_failure(device, "the program that runs handlers has ended at once");
    return error == SC_OK ? SC_OK : SC_E_READER_UNAVAILABLE;
}

static enum sc_error take_refusal(struct ifd_device *device,
                                  const struct ifd_frame *frame)
{
    char why[IFD_WHY_MAX + 1];
    enum sc_error error = os_socket_read(device->control, why, frame->size,
                                         os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error != SC_OK)
        return SC_E_READER_UNAVAILABLE;
    why[frame->size] = '\0';
    log_failure(device, why);
    return frame->a == IFD_FAILED_TO_LOAD ? SC_E_READER_UNSUPPORTED
                                          : SC_E_READER_UNAVAILABLE;
}

static enum sc_error take_opened(struct ifd_device *device, const struct ifd_frame *frame,
                                 uint8_t presence[IFD_SLOTS_MAX])
{
    device->slot_count = frame->a;
    return os_socket_read(device->control, presence, frame->size,
                          os_deadline_ms(IFD_WRITE_MS), NULL);
}

static enum sc_error receive_opened(struct ifd_device *device,
                                    uint8_t presence[IFD_SLOTS_MAX])
{
    struct ifd_frame frame;
    enum sc_error error = ifd_frame_read(device->control, IFD_END_DRIVER, &frame,
                                         os_deadline_ms(device->open_timeout_ms),
                                         &device->kit.attendant.wake);
    if (error == SC_OK && frame.kind == IFD_OPENED)
        return take_opened(device, &frame, presence);
    if (error == SC_OK && frame.kind == IFD_FAILED)
        return take_refusal(device, &frame);
    if (error == SC_E_CANCELLED)
        return error;
    if (error == SC_OK && frame.kind == IFD_CRASHED)
        ifd_log_crash(device, frame.a);
    else if (error == SC_E_TIMEOUT)
        log_failure(device, "the handler does not come back from opening the reader");
    else
        log_failure(device, "the handler has ended while it opened the reader");
    return SC_E_READER_UNAVAILABLE;
}

static enum sc_error connect_process(struct ifd_device *device,
                                     uint8_t presence[IFD_SLOTS_MAX])
{
    enum sc_error error = start_process(device);
    if (error == SC_OK)
        error = send_target(device);
    if (error == SC_OK)
        error = receive_opened(device, presence);
    if (error == SC_OK)
        return SC_OK;
    /* One that has said what is wrong ends by itself; who hangs does not. */
    if (error != SC_E_READER_UNSUPPORTED)
        os_child_kill(&device->child);
    ifd_hang_up(device);
    return error;
}

enum sc_error ifd_connect_slots(struct ifd_device *device)
{
    enum sc_error error = SC_OK;
    for (uint32_t i = 0; i < device->slot_count && error == SC_OK; i++) {
        const struct ifd_frame frame = {.kind = IFD_SLOT, .a = i};
        struct ifd_reader *reader = &device->readers[i];
        struct os_socket ends[2];
        error = os_unix_pair(ends);
        if (error != SC_OK)
            break;
        reader->socket = ends[0];
        reader->number = reader->owed = 0;
        error = ifd_frame_write(device->control, &frame, NULL,
                                os_deadline_ms(IFD_WRITE_MS), NULL);
        if (error == SC_OK)
            error = os_unix_pass(device->control, ends[1], os_deadline_ms(IFD_WRITE_MS));
        os_socket_close(&ends[1]);
    }
    return error == SC_OK ? SC_OK : SC_E_READER_UNAVAILABLE;
}

void ifd_log_crash(const struct ifd_device *device, uint32_t number)
{
    if (number == 0)
        log_error("ifd: %s has written behind a buffer, and was ended", device->label);
    else
        log_error("ifd: %s has crashed (signal %u)", device->label, (unsigned)number);
}

/* --- In this process ------------------------------------------------------------------- */

/* The device's thread looks. */
static void wake_device(void *context, uint32_t slot, enum ifd_presence presence,
                        uint32_t moves)
{
    struct ifd_device *device = context;
    (void)slot;
    (void)presence;
    (void)moves;
    kit_attendant_wake(&device->kit.attendant);
}

static enum sc_error connect_here(struct ifd_device *device,
                                  uint8_t presence[IFD_SLOTS_MAX])
{
    struct ifd_refusal refusal;
    uint32_t moves;
    enum sc_error error =
        ifd_unit_open(&device->target, wake_device, device, &device->unit, &refusal);
    if (error == SC_E_READER_UNAVAILABLE) {
        log_failure(device, refusal.why);
        return refusal.failure == IFD_FAILED_TO_LOAD ? SC_E_READER_UNSUPPORTED : error;
    }
    if (error != SC_OK)
        return error;
    device->slot_count = ifd_unit_slots(device->unit);
    for (uint32_t i = 0; i < device->slot_count; i++)
        presence[i] = (uint8_t)ifd_unit_presence(device->unit, i, &moves);
    error = ifd_unit_watch(device->unit);
    if (error != SC_OK)
        ifd_hang_up(device);
    return error;
}

/* --- Both ------------------------------------------------------------------------------ */

enum sc_error ifd_connect(struct ifd_device *device, uint8_t presence[IFD_SLOTS_MAX])
{
    atomic_store_u32(&device->dropped, IFD_KEPT);
    if (device->own_process)
        return connect_process(device, presence);
    return connect_here(device, presence);
}

/* Processes that the program has forked may have it too. */
static void end_connection(struct os_socket *socket)
{
    if (os_socket_is_open(*socket))
        os_socket_shut(*socket);
    os_socket_close(socket);
}

void ifd_hang_up(struct ifd_device *device)
{
    if (device->unit != NULL)
        ifd_unit_close(device->unit);
    device->unit = NULL;
    for (uint32_t i = 0; i < device->slot_count; i++)
        end_connection(&device->readers[i].socket);
    end_connection(&device->control);
    if (!os_child_wait(&device->child, os_deadline_ms(IFD_CLOSE_MS))) {
        log_error("ifd: %s does not end, and is ended", device->label);
        os_child_kill(&device->child);
        (void)os_child_wait(&device->child, os_deadline_ms(KILLED_MS));
    }
    os_child_forget(&device->child);
    device->slot_count = 0;
}
