/* SPDX-License-Identifier: BSD-2-Clause */
/* Which readers there are, by the URI, the bundles, the files of reader.conf.d, and the USB
 * devices that are plugged in. These are looked for now and then, in a thread that sleeps in
 * between; nothing tells of them everywhere. */
#include "drivers/ifd/ifd.h"

#include "base/alloc.h"
#include "base/log.h"
#include "bundle/bundle.h"
#include "drivers/ifd/device.h"
#include "drivers/kit/settings.h"
#include "os/endpoint.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

#ifdef WITH_USB
#include "drivers/ccid/quirks.h"
#endif

enum {
    USB_LOOK_MS = 1000,
    DEVICES_MAX = 64,
    PATH_ROOM = 256, /* of what stands in a URI */
    SETTLE_STEP_MS = 10,
    CLASS_SMART_CARD = 0x0B,
    USB_CHANNEL = 0x200000 /* where handlers 2.0 look for a number of a port */
};

struct ifd_channel {
    uint32_t number;
    bool given;
};

struct ifd_options {
    char path[PATH_ROOM], device[PATH_ROOM], bundles[PATH_ROOM], readers[PATH_ROOM];
    char name[DRIVER_NAME_MAX];
    struct ifd_channel channel;
    uint32_t apdu_timeout_ms, open_timeout_ms;
    bool ccid, in_process;
};

struct ifd {
    struct driver_host *host;
    struct ifd_options options;
    struct kit_attendant watcher; /* of USB devices */
    struct bundle bundles[BUNDLES_MAX];
    size_t bundle_count;
    struct ifd_device *last_named; /* of a file, while they are read */
    struct os_mutex lock;
    struct os_cond changed;
    /* Under the lock. */
    struct list_link devices; /* struct ifd_device.link */
    uint32_t device_count;
    bool looked; /* for USB devices, once */
};

/* --- The URI --------------------------------------------------------------------------- */

#define AT(member) offsetof(struct ifd_options, member)

static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

static bool parse_channel(const char *text, void *value)
{
    struct ifd_channel *channel = value;
    channel->given = true;
    return bundle_read_number(text, &channel->number);
}

static const struct kit_setting ifd_settings[] = {
    {"", KIT_TEXT, AT(path), .max = PATH_ROOM, .wanted = "a path"},
    {"device", KIT_TEXT, AT(device), .max = PATH_ROOM, .wanted = "a device's name"},
    {"channel", KIT_PARSED, AT(channel), .parse = parse_channel, .wanted = "a number"},
    {"name", KIT_TEXT, AT(name), .max = DRIVER_NAME_MAX, .wanted = "a reader name"},
    {"bundles", KIT_TEXT, AT(bundles), .max = PATH_ROOM, .wanted = "a directory"},
    {"readers", KIT_TEXT, AT(readers), .max = PATH_ROOM, .wanted = "a path"},
    {"ccid", KIT_BOOL, AT(ccid), .words = no_yes, .wanted = "no or yes"},
    {"process", KIT_BOOL, AT(in_process), .words = yes_no, .wanted = "yes or no"},
    {"apdu_timeout", KIT_NUMBER, AT(apdu_timeout_ms), .min = 1,
     .max = IFD_APDU_TIMEOUT_MAX_MS},
    {"open_timeout", KIT_NUMBER, AT(open_timeout_ms), .min = 1,
     .max = IFD_OPEN_TIMEOUT_MAX_MS},
    {.key = NULL}};

static bool names_one_reader(const struct ifd_options *options)
{
    return options->device[0] != '\0' || options->channel.given;
}

static bool is_bundle(const char *path)
{
    static const char end[] = ".bundle";
    size_t size = strlen(path);
    return size > sizeof(end) - 1 && strcmp(path + size - (sizeof(end) - 1), end) == 0;
}

static enum sc_error read_ifd_uri(const char *uri, struct ifd_options *options)
{
    (void)snprintf(options->bundles, PATH_ROOM, "%s", os_pcscd_bundles());
    (void)snprintf(options->readers, PATH_ROOM, "%s", os_pcscd_readers());
    options->apdu_timeout_ms = IFD_APDU_TIMEOUT_MS;
    options->open_timeout_ms = IFD_OPEN_TIMEOUT_MS;
    enum sc_error error = kit_settings_read(uri, ifd_settings, options);
    const char *path = options->path;
    if (error != SC_OK)
        return error;
    if (path[0] != '\0' && path[0] != '/')
        return kit_settings_refuse(uri, "what follows the colon", "an absolute path");
    if (path[0] == '\0' && (names_one_reader(options) || options->name[0] != '\0'))
        return kit_settings_refuse(uri, "what follows the colon",
                                   "a handler, which a reader has to have");
    if (path[0] != '\0' && !is_bundle(path) && !names_one_reader(options))
        return kit_settings_refuse(uri, "a handler alone",
                                   "a reader: device= or channel= names one");
    if (options->name[0] != '\0' && !names_one_reader(options))
        return kit_settings_refuse(uri, "parameter name",
                                   "for several readers: device= or channel= names one");
    return SC_OK;
}

/* --- Devices --------------------------------------------------------------------------- */

/* Has its own memory until it is started, or was not. */
static struct ifd_device *new_device(struct ifd *ifd, const char *object,
                                     const char *name)
{
    struct ifd_device *device = ifd_device_new(ifd->host);
    const char *slash = strrchr(object, '/');
    if (device == NULL)
        return NULL;
    (void)snprintf(device->target.object, sizeof(device->target.object), "%s", object);
    (void)snprintf(device->info.product, sizeof(device->info.product), "%.63s", name);
    (void)snprintf(device->info.series, sizeof(device->info.series), "%.63s",
                   slash != NULL ? slash + 1 : object);
    device->info.own_attributes = true;
    device->apdu_timeout_ms = ifd->options.apdu_timeout_ms;
    device->open_timeout_ms = ifd->options.open_timeout_ms;
    device->own_process = !ifd->options.in_process;
    return device;
}

static enum sc_error start_ifd_device(struct ifd *ifd, struct ifd_device *device)
{
    os_mutex_lock(&ifd->lock);
    enum sc_error error = ifd->device_count < DEVICES_MAX ? SC_OK : SC_E_NO_MEMORY;
    if (error == SC_OK)
        ifd->device_count++;
    os_mutex_unlock(&ifd->lock);
    if (error == SC_OK)
        error = ifd_device_start(device);
    os_mutex_lock(&ifd->lock);
    if (error == SC_OK)
        list_append(&ifd->devices, &device->link);
    os_mutex_unlock(&ifd->lock);
    if (error != SC_OK) {
        log_error("ifd: %s: %s", device->info.product, sc_error_words(error));
        kit_instance_stop(device);
    }
    return error;
}

/* One that is named, by the URI or a file. */
static enum sc_error start_named(struct ifd *ifd, const struct bundle_reader *reader)
{
    const char *slash = strrchr(reader->object, '/');
    struct ifd_device *device = new_device(ifd, reader->object, reader->name);
    if (device == NULL)
        return SC_E_NO_MEMORY;
    device->target.channel = reader->channel;
    (void)snprintf(device->target.device, sizeof(device->target.device), "%s",
                   reader->device);
    (void)snprintf(device->info.device_id, sizeof(device->info.device_id),
                   "IFD\\%.64s\\%.100s.%X", slash != NULL ? slash + 1 : "",
                   reader->device, (unsigned)reader->channel);
    device->after = ifd->last_named;
    device->info.type = READER_TYPE_SERIAL;
    device->info.channel_id = (uint32_t)READER_TYPE_SERIAL << 16;
    enum sc_error error = start_ifd_device(ifd, device);
    if (error == SC_OK)
        ifd->last_named = device;
    return error;
}

static void take_listed_reader(void *context, const struct bundle_reader *reader)
{
    char why[BUNDLE_WHY_MAX] = "";
    if (reader->why[0] != '\0')
        log_error("%s %s", reader->file, reader->why);
    else if (!bundle_check_object(reader->object, why))
        log_error("%s: %s %s", reader->file, reader->object, why);
    else
        (void)start_named(context, reader);
}

static enum sc_error start_single(struct ifd *ifd, const char *uri)
{
    const struct ifd_options *options = &ifd->options;
    struct bundle_reader reader = {.channel = options->channel.number};
    const char *slash = strrchr(options->path, '/');
    const char *object =
        is_bundle(options->path) ? ifd->bundles[0].object : options->path;
    char why[BUNDLE_WHY_MAX] = "";
    (void)snprintf(reader.object, sizeof(reader.object), "%s", object);
    (void)snprintf(reader.device, sizeof(reader.device), "%s", options->device);
    (void)snprintf(reader.name, sizeof(reader.name), "%s",
                   options->name[0] != '\0' ? options->name : slash + 1);
    if (!bundle_check_object(object, why)) {
        log_error("%.3s: %s %s", uri, object, why);
        return SC_E_READER_UNAVAILABLE;
    }
    return start_named(ifd, &reader);
}

/* --- USB ------------------------------------------------------------------------------- */

/* Whether usb: takes it, where this build has that. */
static bool is_built_in(const struct bundle_usb *usb)
{
#ifdef WITH_USB
    return bundle_usb_has_class(usb, CLASS_SMART_CARD)
           || ccid_vendor_class(usb->vendor, usb->product);
#else
    (void)usb;
    return false;
#endif
}

static uint32_t place_of_usb(const struct bundle_usb *usb,
                             const struct bundle_interface *iface)
{
    return (uint32_t)usb->bus << 16 | (uint32_t)usb->address << 8 | iface->number;
}

/* The device that has this place, or NULL; it was seen again. */
static struct ifd_device *find_usb_device(struct ifd *ifd, uint32_t place)
{
    struct ifd_device *found = NULL;
    struct list_link *link;
    os_mutex_lock(&ifd->lock);
    LIST_FOR_EACH(link, &ifd->devices)
    {
        struct ifd_device *device = LIST_ENTRY(link, struct ifd_device, link);
        if (device->usb_place == place)
            found = device;
    }
    os_mutex_unlock(&ifd->lock);
    if (found != NULL)
        found->seen = true;
    return found;
}

static void start_usb_reader(struct ifd *ifd, const struct bundle *bundle,
                             const struct bundle_id *id, const struct bundle_usb *usb,
                             const struct bundle_interface *iface)
{
    uint32_t place = place_of_usb(usb, iface);
    if (find_usb_device(ifd, place) != NULL)
        return;
    struct ifd_device *device = new_device(ifd, bundle->object, id->name);
    if (device == NULL)
        return;
    struct reader_info *info = &device->info;
    device->usb_place = place;
    device->seen = true;
    device->target.channel = USB_CHANNEL;
    bundle_usb_name(usb, iface, os_usb_nodes(), device->target.device,
                    sizeof(device->target.device));
    (void)snprintf(info->serial, sizeof(info->serial), "%s", usb->serial);
    (void)snprintf(info->interface_name, sizeof(info->interface_name), "%s", iface->name);
    (void)snprintf(info->device_id, sizeof(info->device_id),
                   "USB\\VID_%04X&PID_%04X&MI_%02X\\%s", (unsigned)usb->vendor,
                   (unsigned)usb->product, (unsigned)iface->number,
                   usb->serial[0] != '\0' ? usb->serial : usb->path);
    info->type = READER_TYPE_USB;
    info->channel_id =
        (uint32_t)READER_TYPE_USB << 16 | (uint32_t)usb->bus << 8 | usb->address;
    (void)start_ifd_device(ifd, device);
}

static void take_usb_device(void *context, const struct bundle_usb *usb)
{
    struct ifd *ifd = context;
    size_t readers[BUNDLE_INTERFACES_MAX];
    size_t count = bundle_usb_readers(usb, readers);
    const struct bundle_id *id = NULL;
    const struct bundle *bundle = NULL;
    for (size_t i = 0; i < ifd->bundle_count && id == NULL; i++) {
        bundle = &ifd->bundles[i];
        id = bundle->why[0] == '\0' ? bundle_find(bundle, usb->vendor, usb->product)
                                    : NULL;
    }
    if (id == NULL || (!ifd->options.ccid && is_built_in(usb)))
        return;
    for (size_t i = 0; i < count; i++)
        start_usb_reader(ifd, bundle, id, usb, &usb->interfaces[readers[i]]);
}

/* One that is not plugged in any more, taken from the list; NULL: there is none. */
static struct ifd_device *take_unseen(struct ifd *ifd)
{
    struct ifd_device *unseen = NULL;
    struct list_link *link;
    os_mutex_lock(&ifd->lock);
    LIST_FOR_EACH(link, &ifd->devices)
    {
        struct ifd_device *device = LIST_ENTRY(link, struct ifd_device, link);
        if (device->usb_place != 0 && !device->seen)
            unseen = device;
    }
    if (unseen != NULL) {
        list_remove(&unseen->link);
        ifd->device_count--;
    }
    os_mutex_unlock(&ifd->lock);
    return unseen;
}

static uint64_t look_for_usb(void *context)
{
    struct ifd *ifd = context;
    struct list_link *link;
    struct ifd_device *gone;
    os_mutex_lock(&ifd->lock);
    LIST_FOR_EACH(link, &ifd->devices)
    LIST_ENTRY(link, struct ifd_device, link)->seen = false;
    os_mutex_unlock(&ifd->lock);
    bundle_list_usb(os_usb_devices(), take_usb_device, ifd);
    while ((gone = take_unseen(ifd)) != NULL)
        kit_instance_stop(gone);
    os_mutex_lock(&ifd->lock);
    ifd->looked = true;
    os_cond_broadcast(&ifd->changed);
    os_mutex_unlock(&ifd->lock);
    return os_now_ms() + USB_LOOK_MS;
}

/* --- Life ------------------------------------------------------------------------------ */

static void take_bundle(void *context, const struct bundle *bundle)
{
    struct ifd *ifd = context;
    if (bundle->why[0] != '\0')
        log_error("%s %s", bundle->directory, bundle->why);
    else if (ifd->bundle_count < BUNDLES_MAX
             && bundle_copy(bundle, &ifd->bundles[ifd->bundle_count]) == SC_OK)
        ifd->bundle_count++;
}

static void stop_ifd(void *self)
{
    struct ifd *ifd = self;
    kit_attendant_stop(&ifd->watcher);
    while (!list_empty(&ifd->devices)) {
        struct list_link *link = ifd->devices.prev; /* see ifd_device.after */
        list_remove(link);
        kit_instance_stop(LIST_ENTRY(link, struct ifd_device, link));
    }
    kit_attendant_destroy(&ifd->watcher);
    for (size_t i = 0; i < ifd->bundle_count; i++)
        bundle_forget(&ifd->bundles[i]);
    os_cond_destroy(&ifd->changed);
    os_mutex_destroy(&ifd->lock);
    mem_free(ifd);
}

static enum sc_error start_readers(struct ifd *ifd, const char *uri)
{
    const struct ifd_options *options = &ifd->options;
    if (is_bundle(options->path)) {
        struct bundle bundle;
        (void)bundle_read(options->path, &bundle);
        take_bundle(ifd, &bundle);
        bundle_forget(&bundle);
        if (ifd->bundle_count == 0)
            return SC_E_READER_UNAVAILABLE;
    }
    if (names_one_reader(options))
        return start_single(ifd, uri);
    if (options->path[0] == '\0' && options->bundles[0] != '\0')
        bundle_list(options->bundles, take_bundle, ifd);
    if (options->path[0] == '\0' && options->readers[0] != '\0')
        bundle_list_readers(options->readers, take_listed_reader, ifd);
    return ifd->bundle_count > 0 ? kit_attendant_start(&ifd->watcher) : SC_OK;
}

static enum sc_error start_ifd(const char *uri, struct driver_host *host, void **self)
{
    struct ifd *ifd = mem_alloc(sizeof(*ifd));
    if (ifd == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_ifd_uri(uri, &ifd->options);
    if (error != SC_OK) {
        mem_free(ifd);
        return error;
    }
    ifd->host = host;
    list_init(&ifd->devices);
    os_mutex_init(&ifd->lock);
    os_cond_init(&ifd->changed);
    kit_attendant_init(&ifd->watcher, "scard-ifd-usb", look_for_usb, ifd);
    error = start_readers(ifd, uri);
    if (error == SC_OK)
        *self = ifd;
    else
        stop_ifd(ifd);
    return error;
}

static bool is_settled(struct ifd *ifd) NEEDS_LOCK(ifd->lock)
{
    struct list_link *link;
    if (!ifd->looked && ifd->bundle_count > 0 && !names_one_reader(&ifd->options))
        return false;
    LIST_FOR_EACH(link, &ifd->devices)
    if (!ifd_device_is_settled(LIST_ENTRY(link, struct ifd_device, link)))
        return false;
    return true;
}

static void settle_ifd(void *self, bool cards, uint64_t deadline_ms)
{
    struct ifd *ifd = self;
    (void)cards; /* a reader comes with its cards */
    os_mutex_lock(&ifd->lock);
    while (!is_settled(ifd) && os_now_ms() < deadline_ms)
        (void)os_cond_wait(&ifd->changed, &ifd->lock, os_now_ms() + SETTLE_STEP_MS);
    os_mutex_unlock(&ifd->lock);
}

const struct driver ifd_driver = {.scheme = "ifd",
                                  .start = start_ifd,
                                  .settle = settle_ifd,
                                  .stop = stop_ifd,
                                  .power = ifd_power,
                                  .set_protocol = ifd_set_protocol,
                                  .transmit = ifd_transmit,
                                  .control = ifd_control,
                                  .get_attribute = ifd_get_attribute,
                                  .set_attribute = ifd_set_attribute,
                                  .close = kit_reader_close};
