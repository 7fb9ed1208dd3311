/* SPDX-License-Identifier: BSD-2-Clause */
/* The bus: hidapi over hidraw, loaded when it is first used and not unloaded. */
#include "drivers/hid/hidapi.h"

#include "base/log.h"
#include "base/secret.h"
#include "drivers/hid/bus.h"
#include "drivers/kit/usb_words.h"
#include "os/library.h"
#include "os/lock.h"

#include <string.h>

#define LIBRARY "libhidapi-hidraw.so.0"

enum { UNITS_MAX = 128 };

#define MEMBER(result, name, arguments) result(*name) arguments;
static struct {
    HIDAPI_CALLS(MEMBER, struct hidapi_handle, struct hidapi_info)
} calls; /* complete when `hidapi_loaded` is */

/* hidapi keeps the last error of what is of no device in one place for all threads. */
static struct os_mutex lock = OS_MUTEX_INIT;
static bool hidapi_loaded; /* under the lock */

/* False: something of it is missing. */
static bool find_hidapi_calls(struct os_library *library)
{
    bool all = true;
#define FIND(result, name, arguments)                                                    \
    calls.name = (result(*) arguments)os_library_find(library, #name);                   \
    all &= calls.name != NULL;
    HIDAPI_CALLS(FIND, struct hidapi_handle, struct hidapi_info)
    return all;
}

static bool load(void)
{
    struct os_library *library = os_library_open(LIBRARY);
    if (library == NULL) {
        log_error("hid: %s cannot be loaded: Debian's package is libhidapi-hidraw0",
                  LIBRARY);
        return false;
    }
    if (!find_hidapi_calls(library) || calls.hid_init() != 0) {
        log_error("hid: %s is not one that can be used", LIBRARY);
        return false;
    }
    return true;
}

static enum sc_error bus_begin(void)
{
    os_mutex_lock(&lock);
    if (!hidapi_loaded)
        hidapi_loaded = load();
    bool there = hidapi_loaded;
    os_mutex_unlock(&lock);
    return there ? SC_OK : SC_E_READER_UNAVAILABLE;
}

/* --- What is there ------------------------------------------------------------------ */

/* wchar_t is UTF-32 here, and UTF-16 elsewhere. */
static void wide_to_text(const wchar_t *wide, char text[DRIVER_TEXT_MAX])
{
    uint16_t units[UNITS_MAX];
    size_t count = 0;
    for (; wide != NULL && *wide != 0 && count + 2 <= UNITS_MAX; wide++) {
        uint32_t value = (uint32_t)*wide;
        if (value > 0xFFFF) {
            units[count++] = (uint16_t)(0xD800 + ((value - 0x10000) >> 10 & 0x3FF));
            units[count++] = (uint16_t)(0xDC00 + (value & 0x3FF));
        } else {
            units[count++] = (uint16_t)value;
        }
    }
    kit_usb_text(units, count, text);
}

/* False: its path is none that this library can keep. */
static bool copy_info(const struct hidapi_info *info, struct hid_found *found)
{
    *found = (struct hid_found){.vendor_id = info->vendor_id,
                                .product_id = info->product_id,
                                .version = info->release_number,
                                .usage_page = info->usage_page,
                                .interface_number = info->interface_number};
    if (info->path == NULL || strlen(info->path) >= sizeof(found->path))
        return false;
    memcpy(found->path, info->path, strlen(info->path) + 1);
    wide_to_text(info->manufacturer_string, found->vendor);
    wide_to_text(info->product_string, found->product);
    wide_to_text(info->serial_number, found->serial);
    return true;
}

static void bus_list(hid_take_found *take, void *context)
{
    struct hid_found found;
    os_mutex_lock(&lock);
    struct hidapi_info *all = calls.hid_enumerate(0, 0);
    os_mutex_unlock(&lock);
    for (const struct hidapi_info *info = all; info != NULL; info = info->next)
        if (copy_info(info, &found))
            take(context, &found);
    os_mutex_lock(&lock);
    calls.hid_free_enumeration(all);
    os_mutex_unlock(&lock);
}

/* --- One device --------------------------------------------------------------------- */

static enum sc_error bus_open(const char *path, struct hid_device **device)
{
    os_mutex_lock(&lock);
    struct hidapi_handle *handle = calls.hid_open_path(path);
    os_mutex_unlock(&lock);
    if (handle == NULL)
        return SC_E_NO_ACCESS;
    *device = (struct hid_device *)handle;
    return SC_OK;
}

static void bus_close(struct hid_device *device)
{
    os_mutex_lock(&lock);
    calls.hid_close((struct hidapi_handle *)device);
    os_mutex_unlock(&lock);
}

/* Reports of these tokens have no number: that is 0. */
static enum sc_error bus_write(struct hid_device *device,
                               const uint8_t report[HID_REPORT_MAX])
{
    uint8_t numbered[1 + HID_REPORT_MAX] = {0};
    memcpy(numbered + 1, report, HID_REPORT_MAX);
    int written =
        calls.hid_write((struct hidapi_handle *)device, numbered, sizeof(numbered));
    secret_clear(numbered, sizeof(numbered));
    return written > 0 ? SC_OK : SC_E_READER_UNAVAILABLE;
}

static enum sc_error bus_read(struct hid_device *device, uint8_t *report, size_t room,
                              int ms, size_t *size)
{
    int there = calls.hid_read_timeout((struct hidapi_handle *)device, report, room, ms);
    if (there < 0)
        return SC_E_READER_UNAVAILABLE;
    *size = (size_t)there < room ? (size_t)there : room;
    return SC_OK;
}

const struct hid_bus hid_bus_hidapi = {.begin = bus_begin,
                                       .list = bus_list,
                                       .open = bus_open,
                                       .close = bus_close,
                                       .write = bus_write,
                                       .read = bus_read};
