/* SPDX-License-Identifier: BSD-2-Clause */
/* libusb itself on the mocked bus: what a driver relies on is there. */
#include "os/time.h"
#include "tests/rig/mock/mock.h"
#include "tests/support/check.h"

#include <libusb.h>
#include <stdlib.h>
#include <time.h>

static const uint8_t power_on[10] = {0x62, 0, 0, 0, 0, 0, 1, 0, 0, 0};

struct bus {
    struct mock *mock;
    libusb_context *usb;
    unsigned arrived, left;
};

struct transfer {
    struct libusb_transfer *usb;
    uint8_t bytes[512]; /* zeros, to go out */
    int done;
};

static void on_done(struct libusb_transfer *usb)
{
    *(int *)usb->user_data = 1;
}

static int on_hotplug(libusb_context *usb, libusb_device *device,
                      libusb_hotplug_event event, void *user)
{
    struct bus *bus = user;
    struct libusb_device_descriptor of;
    (void)usb;
    if (libusb_get_device_descriptor(device, &of) != 0 || of.idVendor != 0x08E6)
        return 0;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
        bus->arrived++;
    else
        bus->left++;
    return 0;
}

/* Handles events until *flag, or for so long. */
static bool events_until(struct bus *bus, const int *flag, unsigned ms)
{
    uint64_t end = os_now_ms() + ms;
    while (*flag == 0 && os_now_ms() < end) {
        struct timeval wait = {0, 1000 * os_ms_left(end)};
        libusb_handle_events_timeout_completed(bus->usb, &wait, NULL);
    }
    return *flag != 0;
}

static bool hotplug_until(struct bus *bus, const unsigned *count, unsigned want)
{
    uint64_t end = os_now_ms() + 2000;
    while (*count < want && os_now_ms() < end) {
        struct timeval wait = {0, 20000};
        libusb_handle_events_timeout_completed(bus->usb, &wait, NULL);
    }
    return *count == want;
}

static struct mock_reader *plug(struct bus *bus)
{
    char why[MOCK_WHY] = "";
    struct mock_reader *reader = mock_plug(bus->mock, "gempc_twin", why);
    if (reader == NULL)
        fprintf(stderr, "plug: %s\n", why);
    return reader;
}

static libusb_device_handle *open_claimed(struct bus *bus)
{
    libusb_device_handle *handle =
        libusb_open_device_with_vid_pid(bus->usb, 0x08E6, 0x3437);
    CHECK(handle != NULL);
    if (handle != NULL)
        CHECK_EQ(libusb_claim_interface(handle, 0), 0);
    return handle;
}

static bool submit(struct transfer *transfer, libusb_device_handle *handle,
                   uint8_t endpoint, int size, uint8_t flags)
{
    transfer->done = 0;
    transfer->usb = libusb_alloc_transfer(0);
    if (transfer->usb == NULL)
        return false;
    libusb_fill_bulk_transfer(transfer->usb, handle, endpoint, transfer->bytes, size,
                              on_done, &transfer->done, 0);
    if (endpoint == 0x82)
        transfer->usb->type = LIBUSB_TRANSFER_TYPE_INTERRUPT;
    transfer->usb->flags = flags;
    return libusb_submit_transfer(transfer->usb) == 0;
}

static bool submit_in(struct transfer *transfer, libusb_device_handle *handle,
                      uint8_t endpoint)
{
    return submit(transfer, handle, endpoint, sizeof transfer->bytes, 0);
}

static void test_enumerate(struct bus *bus)
{
    libusb_device **list;
    ssize_t count = libusb_get_device_list(bus->usb, &list);
    CHECK_EQ(count, 2); /* with the root hub */
    for (ssize_t i = 0; i < count; i++) {
        struct libusb_device_descriptor of;
        struct libusb_config_descriptor *configuration;
        CHECK_EQ(libusb_get_device_descriptor(list[i], &of), 0);
        if (of.idVendor != 0x08E6)
            continue;
        CHECK_EQ(libusb_get_bus_number(list[i]), 1);
        CHECK_EQ(libusb_get_port_number(list[i]), 1);
        CHECK_EQ(libusb_get_device_speed(list[i]), LIBUSB_SPEED_FULL);
        CHECK(libusb_get_parent(list[i]) != NULL);
        CHECK_EQ(libusb_get_active_config_descriptor(list[i], &configuration), 0);
        const struct libusb_interface_descriptor *iface =
            configuration->interface[0].altsetting;
        CHECK_EQ(iface->bInterfaceClass, 0x0B);
        CHECK_EQ(iface->bNumEndpoints, 3);
        CHECK_EQ(iface->extra_length, 54);
        libusb_free_config_descriptor(configuration);
    }
    libusb_free_device_list(list, 1);
}

static void test_claim(struct bus *bus, libusb_device_handle *handle)
{
    libusb_device_handle *other =
        libusb_open_device_with_vid_pid(bus->usb, 0x08E6, 0x3437);
    CHECK(other != NULL);
    CHECK_EQ(libusb_claim_interface(other, 0), LIBUSB_ERROR_BUSY);
    CHECK_EQ(libusb_kernel_driver_active(handle, 0), 0);
    CHECK_EQ(libusb_detach_kernel_driver(handle, 0), LIBUSB_ERROR_NOT_FOUND);
    CHECK_EQ(libusb_release_interface(handle, 0), 0);
    CHECK_EQ(libusb_set_auto_detach_kernel_driver(other, 1), 0);
    CHECK_EQ(libusb_claim_interface(other, 0), 0);
    libusb_close(other); /* releases */
    int got = LIBUSB_ERROR_BUSY;
    for (int i = 0; i < 100 && got == LIBUSB_ERROR_BUSY; i++) {
        struct timespec wait = {0, 10000000};
        nanosleep(&wait, NULL);
        got = libusb_claim_interface(handle, 0);
    }
    CHECK_EQ(got, 0);
}

/* A command and its answer; the answer's type. */
static int exchange(libusb_device_handle *handle, const uint8_t command[10])
{
    uint8_t bytes[300], out[10];
    int done = 0;
    memcpy(out, command, sizeof out);
    CHECK_EQ(libusb_bulk_transfer(handle, 0x01, out, 10, &done, 1000), 0);
    CHECK_EQ(done, 10);
    CHECK_EQ(libusb_bulk_transfer(handle, 0x81, bytes, sizeof bytes, &done, 1000), 0);
    CHECK(done >= 10);
    return done < 10 ? -1 : bytes[0];
}

static void test_transfers(struct bus *bus, libusb_device_handle *handle,
                           struct mock_reader *reader)
{
    unsigned char text[64] = "";
    CHECK(libusb_get_string_descriptor_ascii(handle, 2, text, sizeof text) > 0);
    CHECK_STR((char *)text, "PC Twin Reader");
    CHECK_EQ(exchange(handle, power_on), 0x80);

    uint8_t bytes[64];
    int done = -1;
    uint64_t start = os_now_ms();
    CHECK_EQ(libusb_bulk_transfer(handle, 0x81, bytes, sizeof bytes, &done, 100),
             LIBUSB_ERROR_TIMEOUT);
    uint64_t took = os_now_ms() - start;
    CHECK(took >= 100 && took < 1000);
    CHECK_EQ(exchange(handle, power_on), 0x80);
    CHECK_EQ(libusb_control_transfer(handle, 0xC0, 0xFF, 0, 0, bytes, 1, 1000),
             LIBUSB_ERROR_PIPE);
    CHECK_EQ(libusb_clear_halt(handle, 0x81), 0);
    CHECK_EQ(exchange(handle, power_on), 0x80);
    CHECK_EQ(libusb_reset_device(handle), 0);
    CHECK_EQ(exchange(handle, power_on), 0x80);
    struct timeval now = {0, 0};
    libusb_handle_events_timeout_completed(bus->usb, &now, NULL);
    CHECK_EQ(mock_counts(reader).kept, 0);
}

/* A message that fills its last packet is ended by an empty one, if that is asked for. */
static void test_zero_packet(struct bus *bus, libusb_device_handle *handle,
                             struct mock_reader *reader)
{
    struct transfer out = {0};
    uint64_t before = mock_counts(reader).urbs.bulk_out;
    CHECK(submit(&out, handle, 0x01, 64, LIBUSB_TRANSFER_ADD_ZERO_PACKET));
    CHECK(events_until(bus, &out.done, 1000));
    CHECK_EQ(out.usb->status, LIBUSB_TRANSFER_COMPLETED);
    CHECK_EQ(out.usb->actual_length, 64);
    CHECK_EQ(mock_counts(reader).urbs.bulk_out - before, 2);
    libusb_free_transfer(out.usb);
    int done; /* the reader may have something to say of such a message */
    (void)libusb_bulk_transfer(handle, 0x81, out.bytes, sizeof out.bytes, &done, 100);
}

static void test_interrupt(struct bus *bus, libusb_device_handle *handle,
                           struct mock_reader *reader)
{
    struct transfer change;
    CHECK(submit_in(&change, handle, 0x82));
    while (events_until(bus, &change.done, 50)) { /* a change that was still to be told */
        change.done = 0;
        CHECK_EQ(libusb_submit_transfer(change.usb), 0);
    }
    mock_card_remove(reader, 0);
    CHECK(events_until(bus, &change.done, 1000));
    CHECK_EQ(change.usb->status, LIBUSB_TRANSFER_COMPLETED);
    CHECK(change.usb->actual_length >= 2);
    CHECK_EQ(change.bytes[0], 0x50);
    CHECK_EQ(change.bytes[1] & 3, 2);
    change.done = 0;
    CHECK_EQ(libusb_submit_transfer(change.usb), 0);
    mock_card_insert(reader, 0);
    CHECK(events_until(bus, &change.done, 1000));
    CHECK_EQ(change.bytes[1] & 3, 3);

    /* Nothing happens: nobody burns a core. */
    change.done = 0;
    CHECK_EQ(libusb_submit_transfer(change.usb), 0);
    struct mock_counts before = mock_counts(reader);
    clock_t used = clock();
    CHECK(!events_until(bus, &change.done, 300));
    CHECK((clock() - used) * 1000 / CLOCKS_PER_SEC < 50);
    CHECK(mock_counts(reader).ioctls - before.ioctls < 5);

    CHECK_EQ(libusb_cancel_transfer(change.usb), 0);
    CHECK(events_until(bus, &change.done, 1000));
    CHECK_EQ(change.usb->status, LIBUSB_TRANSFER_CANCELLED);
    libusb_free_transfer(change.usb);
}

static void test_unplug(struct bus *bus, libusb_device_handle *handle,
                        struct mock_reader *reader)
{
    struct transfer in, change;
    uint8_t bytes[10] = {0};
    int done;
    CHECK(submit_in(&change, handle, 0x82));
    CHECK(submit_in(&in, handle, 0x81));
    unsigned left = bus->left;
    mock_leave(reader);
    CHECK(!mock_plugged(reader));
    CHECK(events_until(bus, &in.done, 1000));
    CHECK(events_until(bus, &change.done, 1000));
    CHECK_EQ(in.usb->status, LIBUSB_TRANSFER_NO_DEVICE);
    CHECK_EQ(change.usb->status, LIBUSB_TRANSFER_NO_DEVICE);
    libusb_free_transfer(in.usb);
    libusb_free_transfer(change.usb);
    CHECK_EQ(libusb_bulk_transfer(handle, 0x01, bytes, 10, &done, 1000),
             LIBUSB_ERROR_NO_DEVICE);
    CHECK(hotplug_until(bus, &bus->left, left + 1));
    CHECK_EQ(mock_counts(reader).kept, 0);
    libusb_close(handle);
    mock_unplug(reader);
}

static void test_one(struct bus *bus)
{
    struct mock_reader *reader = plug(bus);
    CHECK(reader != NULL);
    if (reader == NULL)
        return;
    CHECK(hotplug_until(bus, &bus->arrived, bus->arrived + 1));
    test_enumerate(bus);
    libusb_device_handle *handle = open_claimed(bus);
    if (handle == NULL)
        return;
    test_claim(bus, handle);
    test_transfers(bus, handle, reader);
    test_interrupt(bus, handle, reader);
    test_zero_packet(bus, handle, reader);
    test_unplug(bus, handle, reader);
}

static void test_replug(struct bus *bus)
{
    enum { TIMES = 20 };
    for (int i = 0; i < TIMES; i++) {
        unsigned arrived = bus->arrived, left = bus->left;
        struct mock_reader *reader = plug(bus);
        if (reader == NULL)
            break;
        CHECK(hotplug_until(bus, &bus->arrived, arrived + 1));
        libusb_device_handle *handle = open_claimed(bus);
        if (handle != NULL)
            CHECK_EQ(exchange(handle, power_on), 0x80);
        if (i % 2 == 0 && handle != NULL)
            libusb_close(handle);
        mock_unplug(reader);
        CHECK(hotplug_until(bus, &bus->left, left + 1));
        if (i % 2 != 0 && handle != NULL)
            libusb_close(handle);
    }
}

static void test_pace(struct bus *bus)
{
    enum { TIMES = 500 };
    struct mock_reader *reader = plug(bus);
    CHECK(hotplug_until(bus, &bus->arrived, bus->arrived + 1));
    libusb_device_handle *handle = open_claimed(bus);
    if (handle == NULL)
        return;
    struct mock_counts before = mock_counts(reader);
    uint64_t start = os_now_ns();
    for (int i = 0; i < TIMES; i++)
        CHECK_EQ(exchange(handle, power_on), 0x80);
    uint64_t took = os_now_ns() - start;
    struct mock_counts after = mock_counts(reader);
    printf("%d exchanges: %.0f us each, %.1f ioctls\n", TIMES, (double)took / 1e3 / TIMES,
           (double)(after.ioctls - before.ioctls) / TIMES);
    CHECK_EQ(after.urbs.bulk_out - before.urbs.bulk_out, TIMES);
    CHECK_EQ(after.urbs.bulk_in - before.urbs.bulk_in, TIMES);
    libusb_close(handle);
    mock_unplug(reader);
}

int main(void)
{
    struct bus bus = {.mock = mock_start()};
    if (bus.mock == NULL) {
        fprintf(stderr, "run this under umockdev-wrapper\n");
        return 2;
    }
    CHECK_EQ(libusb_init(&bus.usb), 0);
    libusb_hotplug_callback_handle callback;
    CHECK_EQ(libusb_hotplug_register_callback(
                 bus.usb,
                 LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                 LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
                 LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, &bus,
                 &callback),
             0);
    test_one(&bus);
    test_replug(&bus);
    test_pace(&bus);
    libusb_exit(bus.usb);
    mock_stop(bus.mock);
    return check_result();
}
