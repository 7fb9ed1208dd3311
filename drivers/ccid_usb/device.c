/* SPDX-License-Identifier: BSD-2-Clause */
/* What libusb does for a device of drivers/ccid. */
#include "base/alloc.h"
#include "drivers/ccid_usb/usb.h"
#include "os/descriptor.h"

#include <assert.h>

static struct usb_device *device_of(struct ccid_device *device)
{
    return CONTAINER_OF(device, struct usb_device, ccid);
}

static enum sc_error configure(struct usb_device *device)
{
    int configuration = 0;
    (void)libusb_set_auto_detach_kernel_driver(device->handle, 1);
    /* Setting it again would reset what others do with the device. */
    if (libusb_get_configuration(device->handle, &configuration) != LIBUSB_SUCCESS
        || configuration != 0)
        return SC_OK;
    return usb_error(libusb_set_configuration(device->handle, 1));
}

static void close_usb_device(struct ccid_device *ccid)
{
    struct usb_device *device = device_of(ccid);
    assert(device->handle != NULL);
    libusb_close(device->handle);
    device->handle = NULL;
}

static enum sc_error open_usb_device(struct ccid_device *ccid)
{
    struct usb_device *device = device_of(ccid);
    os_descriptors_fill(); /* libusb keeps what open() gives it */
    enum sc_error error = usb_error(libusb_open(device->device, &device->handle));
    if (error != SC_OK)
        return error;
    error = configure(device);
    if (error == SC_OK)
        usb_read_names(device);
    else
        close_usb_device(ccid);
    return error;
}

static void settled(struct ccid_device *ccid)
{
    struct usb_device *device = device_of(ccid);
    struct ccid_usb *usb = device->usb;
    os_mutex_lock(&usb->lock);
    assert(!device->awaited || usb->unsettled > 0);
    usb->unsettled -= device->awaited ? 1 : 0;
    device->awaited = false;
    os_cond_broadcast(&usb->changed);
    os_mutex_unlock(&usb->lock);
}

static void finished(struct ccid_device *ccid)
{
    struct usb_device *device = device_of(ccid);
    struct ccid_usb *usb = device->usb;
    os_mutex_lock(&usb->lock);
    device->finished = true;
    os_cond_broadcast(&usb->changed);
    os_mutex_unlock(&usb->lock);
    /* Another thread has to let go of it; libusb's is to do so now. */
    libusb_interrupt_event_handler(usb->context);
}

static void destroy_usb_device(struct ccid_device *ccid)
{
    struct usb_device *device = device_of(ccid);
    struct ccid_usb *usb = device->usb;
    assert(device->handle == NULL);
    libusb_unref_device(device->device);
    for (uint32_t i = 0; i < ccid->port_count; i++)
        usb_pipe_destroy(&device->pipes[i]);
    mem_free(device);
    os_mutex_lock(&usb->lock);
    assert(usb->device_count > 0);
    usb->device_count--;
    os_cond_broadcast(&usb->changed); /* usb_stop() waits for the last one */
    os_mutex_unlock(&usb->lock);
}

struct usb_device *usb_device_new(struct ccid_usb *usb, libusb_device *found)
{
    static const struct ccid_bus bus = {.open = open_usb_device,
                                        .close = close_usb_device,
                                        .settled = settled,
                                        .finished = finished,
                                        .destroy = destroy_usb_device};
    struct usb_device *device = mem_alloc(sizeof(*device));
    if (device == NULL)
        return NULL;
    device->usb = usb;
    device->device = libusb_ref_device(found);
    list_init(&device->link);
    device->ccid.bus = &bus;
    device->ccid.settings = usb->settings;
    ccid_device_init(&device->ccid, usb->host);
    os_mutex_lock(&usb->lock);
    usb->device_count++;
    os_mutex_unlock(&usb->lock);
    return device;
}
