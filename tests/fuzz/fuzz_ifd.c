/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what a handler's process answers. Input: the room for the answer as two bytes, and
 * what comes from the process before it ends. */
#include "drivers/ifd/device.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/fuzz/property.h"

enum { INPUT_MAX = 65536, GUARD = 16 };

static struct ifd_device device;
static uint8_t out[INPUT_MAX + GUARD];

static void destroy(struct kit_instance *instance)
{
    (void)instance;
}

static uint64_t look(void *context)
{
    (void)context;
    return OS_FOREVER;
}

static void begin(void)
{
    static struct driver_host host;
    if (device.kit.users != 0)
        return;
    kit_instance_init(&device.kit, &host, destroy, "fuzz", look);
    if (kit_instance_add_wakes(&device.kit) != SC_OK)
        abort();
    kit_reader_init(&device.readers[0].kit, &device.kit);
    if (os_wake_init(&device.readers[0].kit.wake) != SC_OK)
        abort();
    device.readers[0].device = &device;
    device.child = (struct os_child)OS_CHILD_NONE;
}

/* Every head that an end takes is of its kinds, with words in their ranges. */
static void check_heads(const uint8_t *data, size_t size)
{
    struct ifd_frame frame;
    for (int end = IFD_END_PROGRAM; size >= IFD_HEAD_SIZE && end <= IFD_END_DRIVER_SLOT;
         end++) {
        if (!ifd_frame_decode(data, (enum ifd_end)end, &frame))
            continue;
        PROPERTY(frame.kind > 0 && frame.kind < IFD_KIND_COUNT);
        PROPERTY(frame.size <= TRANSFER_MAX);
        PROPERTY(frame.kind != IFD_MOVED || frame.number < IFD_SLOTS_MAX);
        PROPERTY(frame.kind != IFD_OPENED || (frame.a >= 1 && frame.a <= IFD_SLOTS_MAX));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct os_stop stop = OS_STOP_INIT;
    struct driver_job asked = {.deadline_ms = OS_FOREVER, .stop = &stop};
    struct ifd_reader *reader = &device.readers[0];
    struct os_socket ends[2];
    struct kit_job job;
    if (size < 2 || size > INPUT_MAX)
        return 0;
    begin();
    check_heads(data + 2, size - 2);
    size_t room = ((size_t)data[0] << 8 | data[1]) % INPUT_MAX;
    struct ifd_call call = {.kind = IFD_TRANSMIT, .out = out, .room = room};
    memset(out, 0xA5, sizeof(out));
    if (os_unix_pair(ends) != SC_OK)
        return 0;
    reader->socket = ends[0];
    reader->number = 0;
    reader->owed = 1;
    if (os_socket_write(ends[1], data + 2, size - 2, NULL, 0, OS_FOREVER, NULL) != SC_OK)
        abort();
    os_socket_shut(ends[1]);
    kit_job_begin(&job, reader, &asked, OS_FOREVER);
    enum sc_error error = ifd_exchange(&job, &call);
    error = kit_job_end(&job, error);
    PROPERTY(error == SC_OK || device.dropped != IFD_KEPT);
    for (size_t i = room; i < room + GUARD; i++)
        PROPERTY(out[i] == 0xA5);
    PROPERTY(error != SC_OK || call.out_size <= TRANSFER_MAX);
    device.dropped = IFD_KEPT;
    os_socket_close(&ends[0]);
    os_socket_close(&ends[1]);
    os_stop_destroy(&stop);
    return 0;
}
