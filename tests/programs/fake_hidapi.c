/* SPDX-License-Identifier: BSD-2-Clause */
/* libhidapi-hidraw.so.0 with one device, the token of fido_token.py that listens at the
 * socket FAKE_HID. What it exports is drivers/hid/hidapi.h's. */
#include "drivers/hid/hidapi.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct hidapi_handle {
    int fd;
};

#define DECLARE(result, name, arguments) EXPORT result name arguments;
HIDAPI_CALLS(DECLARE, struct hidapi_handle, struct hidapi_info)

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

int hid_init(void)
{
    return 0;
}

struct hidapi_info *hid_enumerate(unsigned short vendor, unsigned short product)
{
    static wchar_t serial[] = L"4711", maker[] = L"Simulated", name[] = L"FIDO Token";
    const char *path = getenv("FAKE_HID");
    (void)vendor;
    (void)product;
    if (path == NULL || access(path, F_OK) != 0)
        return NULL;
    struct hidapi_info *info = calloc(1, sizeof(*info));
    if (info == NULL)
        return NULL;
    info->path = strdup(path);
    info->vendor_id = 0x1209;
    info->product_id = 0x0001;
    info->serial_number = serial;
    info->manufacturer_string = maker;
    info->product_string = name;
    info->usage_page = 0xF1D0;
    info->usage = 1;
    return info;
}

void hid_free_enumeration(struct hidapi_info *info)
{
    if (info != NULL)
        free(info->path);
    free(info);
}

struct hidapi_handle *hid_open_path(const char *path)
{
    int fd = connect_to(path);
    struct hidapi_handle *handle = fd < 0 ? NULL : malloc(sizeof(*handle));
    if (handle != NULL)
        handle->fd = fd;
    return handle;
}

int hid_write(struct hidapi_handle *handle, const unsigned char *data, size_t size)
{
    ssize_t sent = send(handle->fd, data + 1, size - 1, MSG_NOSIGNAL);
    return sent < 0 ? -1 : (int)sent + 1;
}

int hid_read_timeout(struct hidapi_handle *handle, unsigned char *data, size_t size,
                     int ms)
{
    struct pollfd entry = {.fd = handle->fd, .events = POLLIN};
    int ready = poll(&entry, 1, ms);
    if (ready <= 0)
        return ready;
    ssize_t got = recv(handle->fd, data, size, 0);
    return got <= 0 ? -1 : (int)got;
}

void hid_close(struct hidapi_handle *handle)
{
    close(handle->fd);
    free(handle);
}
