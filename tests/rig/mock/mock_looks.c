/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
/* usb: where libusb does not tell what is plugged in, as on Windows: the driver looks. This
 * program's libusb says so, and the rest of it is the real one. */
#include "base/atomic.h"
#include "tests/rig/mock/mock.h"
#include "tests/rig/mock/session_card.h"
#include "tests/support/check.h"

#include <dlfcn.h>
#include <libusb.h>
#include <stdlib.h>

enum {
    HANG_MS = 120000, /* reached by a hang alone */
    ROUNDS = 2
};

static struct mock *mock;
static struct session session;

static uint32_t asked; /* atomic: how often */

__attribute__((visibility("default"))) int LIBUSB_CALL libusb_hotplug_register_callback(
    libusb_context *context, int events, int flags, int vendor, int product, int class,
    libusb_hotplug_callback_fn function, void *user,
    libusb_hotplug_callback_handle *handle)
{
    (void)context, (void)events, (void)flags, (void)vendor, (void)product, (void)class;
    (void)function, (void)user, (void)handle;
    (void)atomic_add_u32(&asked, 1);
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

static uint32_t refusals; /* atomic: so often more no device is opened */

/* As if it had been pulled out, and plugged in again before the next look: Windows' libusb has
 * the same object for it then. */
__attribute__((visibility("default"))) int LIBUSB_CALL
libusb_open(libusb_device *device, libusb_device_handle **handle)
{
    union {
        void *found;
        int (*open)(libusb_device *device, libusb_device_handle **handle);
    } real = {dlsym(RTLD_NEXT, "libusb_open")};
    if (atomic_load_u32(&refusals) > 0) {
        (void)atomic_sub_u32(&refusals, 1);
        return LIBUSB_ERROR_NO_DEVICE;
    }
    return real.open(device, handle);
}

static struct mock_reader *plug(const char *specification)
{
    char why[MOCK_WHY] = "";
    struct mock_reader *reader = mock_plug(mock, specification, why);
    if (reader == NULL)
        CHECK_FAILED("%s: %s", specification, why);
    return reader;
}

static void check_card(unsigned index)
{
    const char *name = session_name(&session, index);
    CHECK(name != NULL);
    if (name == NULL)
        return;
    CHECK_EQ(session_connect(&session, name), SCARD_S_SUCCESS);
    CHECK(session_counts(&session, 100));
    session_disconnect(&session);
}

int main(void)
{
    mock = mock_start();
    if (mock == NULL) {
        fprintf(stderr, "umockdev-wrapper mock_looks\n");
        return 2;
    }
    setenv("WINSCARD_READERS", "usb:", 1);
    setenv("WINSCARD_CARRIER", "local", 1);
    struct mock_reader *first = plug("gempc_twin");
    if (first == NULL)
        return check_result();
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &session.context), 0);
    CHECK_EQ(session_list(&session), 1); /* there at start: a program finds it at once */
    CHECK(atomic_load_u32(&asked) > 0);
    check_card(0);
    for (int i = 0; i < ROUNDS; i++) {
        atomic_store_u32(&refusals, (uint32_t)i);
        struct mock_reader *second = plug("omnikey_3121");
        if (second == NULL)
            break;
        CHECK_EQ(session_wait_readers(&session, 2, HANG_MS), 2);
        CHECK_EQ(atomic_load_u32(&refusals), 0);
        check_card(0);
        check_card(1);
        mock_unplug(second);
        CHECK_EQ(session_wait_readers(&session, 1, HANG_MS), 1);
        check_card(0);
    }
    mock_unplug(first);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
    CHECK_EQ(SCardReleaseContext(session.context), 0);
    mock_stop(mock);
    return check_result();
}
