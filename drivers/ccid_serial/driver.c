/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver: its URI, and the life of its one device. */
#include "base/alloc.h"
#include "drivers/ccid/settings.h"
#include "drivers/ccid_serial/ccid_serial.h"
#include "drivers/ccid_serial/serial.h"
#include "os/lock.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

struct serial_settings {
    char path[SERIAL_PATH_MAX];
    uint32_t type;
    struct ccid_settings ccid;
};

static const struct kit_setting serial_settings[] = {
    {"", KIT_TEXT, offsetof(struct serial_settings, path), .max = SERIAL_PATH_MAX,
     .wanted = "a path of fewer than 256 bytes"},
    {"type", KIT_WORD, offsetof(struct serial_settings, type),
     .words = serial_model_words,
     .wanted = "gempctwin, gempcpinpad, gemcorepospro, gemcoresimpro, sec1210 or "
               "sec1210urt"},
    CCID_SETTING_ROWS(struct serial_settings, ccid),
    {.key = NULL}};

/* The last reader may be closed after the driver has stopped: the device stays until then,
 * and this as long as the driver runs. */
struct serial_driver {
    struct serial_device *device;
    struct os_mutex lock;
    struct os_cond changed;
    bool settled, finished; /* under the lock */
};

struct serial_device {
    struct ccid_device ccid; /* first */
    struct serial_port port;
    struct serial_driver *driver; /* until it has stopped */
};

static struct serial_device *device_of(struct ccid_device *ccid)
{
    return CONTAINER_OF(ccid, struct serial_device, ccid);
}

/* --- What the bus does: nothing before its one port is opened -------------------------- */

static enum sc_error open_device(struct ccid_device *ccid)
{
    (void)ccid;
    return SC_OK;
}

static void close_device(struct ccid_device *ccid)
{
    (void)ccid;
}

static void note(struct serial_driver *driver, bool finished)
{
    os_mutex_lock(&driver->lock);
    driver->settled = true;
    driver->finished = driver->finished || finished;
    os_cond_broadcast(&driver->changed);
    os_mutex_unlock(&driver->lock);
}

static void settled(struct ccid_device *ccid)
{
    note(device_of(ccid)->driver, false);
}

static void finished(struct ccid_device *ccid)
{
    note(device_of(ccid)->driver, true);
}

static void destroy_device(struct ccid_device *ccid)
{
    struct serial_device *device = device_of(ccid);
    serial_port_destroy(&device->port);
    mem_free(device);
}

/* --- Beginning and end ---------------------------------------------------------------- */

static void name_reader(struct reader_info *reader, const struct serial_model *model,
                        const char *path)
{
    (void)snprintf(reader->vendor, sizeof(reader->vendor), "%s", model->vendor);
    (void)snprintf(reader->product, sizeof(reader->product), "%s", model->product);
    (void)snprintf(reader->device_id, sizeof(reader->device_id), "SERIAL\\%.180s", path);
    reader->type = READER_TYPE_SERIAL;
    reader->channel_id = (uint32_t)READER_TYPE_SERIAL << 16;
}

static struct serial_device *make_device(const struct serial_settings *settings)
{
    static const struct ccid_bus bus = {.open = open_device,
                                        .close = close_device,
                                        .settled = settled,
                                        .finished = finished,
                                        .destroy = destroy_device};
    struct serial_device *device = mem_alloc(sizeof(*device));
    if (device == NULL)
        return NULL;
    struct serial_port *port = &device->port;
    struct ccid_interface *ccid = &port->port.ccid;
    port->model = serial_model(settings->type);
    memcpy(port->path, settings->path, sizeof(port->path));
    if (serial_port_init(port) != SC_OK) {
        mem_free(device);
        return NULL;
    }
    ccid->transport = &port->transport;
    ccid->kind = CCID_KIND_BULK;
    ccid->quirks = port->model->quirks;
    ccid->rate_table = port->model->rates;
    ccid->rate_table_count = port->model->rate_count;
    serial_model_describe(port->model, &ccid->descriptor);
    name_reader(&ccid->identity.reader, port->model, port->path);
    device->ccid.bus = &bus;
    device->ccid.settings = settings->ccid;
    device->ccid.ports[0] = &port->port;
    device->ccid.port_count = 1;
    return device;
}

static void destroy_driver(struct serial_driver *driver)
{
    os_cond_destroy(&driver->changed);
    os_mutex_destroy(&driver->lock);
    mem_free(driver);
}

static enum sc_error read_uri(const char *uri, struct serial_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    ccid_settings_init(&settings->ccid);
    enum sc_error error = kit_settings_read(uri, serial_settings, settings);
    if (error == SC_OK && settings->path[0] == '\0')
        error = kit_settings_refuse(uri, "what is behind the colon",
                                    "the path of a line, as /dev/ttyS0");
    return error;
}

static enum sc_error serial_start(const char *uri, struct driver_host *host, void **self)
{
    struct serial_settings settings;
    enum sc_error error = read_uri(uri, &settings);
    if (error != SC_OK)
        return error;
    struct serial_driver *driver = mem_alloc(sizeof(*driver));
    struct serial_device *device = driver != NULL ? make_device(&settings) : NULL;
    if (device == NULL) {
        mem_free(driver);
        return SC_E_NO_MEMORY;
    }
    os_mutex_init(&driver->lock);
    os_cond_init(&driver->changed);
    driver->device = device;
    device->driver = driver;
    ccid_device_init(&device->ccid, host);
    error = ccid_device_start(&device->ccid);
    if (error != SC_OK) {
        ccid_device_release(&device->ccid);
        destroy_driver(driver);
        return error;
    }
    *self = driver;
    return SC_OK;
}

/* Until the first try is over, so that a program that asks at once finds the reader. */
static void serial_settle(void *self, bool cards, uint64_t deadline_ms)
{
    struct serial_driver *driver = self;
    uint64_t limit_ms = os_now_ms() + SERIAL_SETTLE_MS;
    (void)cards; /* a reader is posted with the card that is in */
    if (limit_ms > deadline_ms)
        limit_ms = deadline_ms;
    os_mutex_lock(&driver->lock);
    while (!driver->settled && os_cond_wait(&driver->changed, &driver->lock, limit_ms)) {
    }
    os_mutex_unlock(&driver->lock);
}

static void serial_stop(void *self)
{
    struct serial_driver *driver = self;
    ccid_device_leave(&driver->device->ccid);
    os_mutex_lock(&driver->lock);
    while (!driver->finished)
        os_cond_wait(&driver->changed, &driver->lock, OS_FOREVER);
    os_mutex_unlock(&driver->lock);
    ccid_device_release(&driver->device->ccid);
    destroy_driver(driver);
}

const struct driver ccid_serial_driver = {.scheme = "serial",
                                          .start = serial_start,
                                          .settle = serial_settle,
                                          .stop = serial_stop,
                                          .power = ccid_slot_power,
                                          .set_protocol = ccid_slot_set_protocol,
                                          .transmit = ccid_slot_transmit,
                                          .control = ccid_slot_control,
                                          .get_attribute = ccid_slot_get_attribute,
                                          .set_attribute = ccid_slot_set_attribute,
                                          .close = kit_reader_close};
