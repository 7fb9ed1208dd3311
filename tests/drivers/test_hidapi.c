/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers/hid/hidapi.h says of hidapi is what its header says; and the library that is
 * here loads, lists what is there, and opens nothing that is not. */
#include "drivers/hid/hidapi.h"

#include "drivers/hid/bus.h"
#include "tests/support/check.h"

#include <hidapi/hidapi.h>
#include <stddef.h>

#define SAME_CALL(result, name, arguments)                                               \
    _Static_assert(_Generic(&name, result(*) arguments : 1, default : 0), "another "     \
                                                                          "type");
HIDAPI_CALLS(SAME_CALL, hid_device, struct hid_device_info)

#define SAME_MEMBER(member)                                                              \
    _Static_assert(offsetof(struct hidapi_info, member)                                  \
                           == offsetof(struct hid_device_info, member)                   \
                       && sizeof(((struct hidapi_info *)0)->member)                      \
                              == sizeof(((struct hid_device_info *)0)->member),          \
                   "another member")
SAME_MEMBER(path);
SAME_MEMBER(vendor_id);
SAME_MEMBER(product_id);
SAME_MEMBER(serial_number);
SAME_MEMBER(release_number);
SAME_MEMBER(manufacturer_string);
SAME_MEMBER(product_string);
SAME_MEMBER(usage_page);
SAME_MEMBER(usage);
SAME_MEMBER(interface_number);
SAME_MEMBER(next);

static void count(void *context, const struct hid_found *found)
{
    unsigned *counted = context;
    CHECK(strlen(found->path) > 0);
    (*counted)++;
}

int main(void)
{
    unsigned counted = 0;
    struct hid_device *device = NULL;
    CHECK_EQ(hid_bus_hidapi.begin(), SC_OK);
    CHECK_EQ(hid_bus_hidapi.begin(), SC_OK);
    hid_bus_hidapi.list(count, &counted);
    printf("%u collections of HID devices\n", counted);
    CHECK_EQ(hid_bus_hidapi.open("no such device", &device), SC_E_NO_ACCESS);
    CHECK(device == NULL);
    return check_result();
}
