/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/lock.h"
#include "os/time.h"
#include "tests/rig/mock/usbfs_state.h"

#include <errno.h>
#include <limits.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void usbfs_answer(UMockdevIoctlClient *client, long answer)
{
    umockdev_ioctl_client_complete(client, answer < 0 ? -1 : answer,
                                   answer < 0 ? (gint)-answer : 0);
}

static struct usbfs_file *find_file(struct usbfs *usbfs, UMockdevIoctlClient *client)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &usbfs->files)
    {
        struct usbfs_file *file = LIST_ENTRY(link, struct usbfs_file, link);
        if (file->client == client)
            return file;
    }
    return NULL;
}

/* Standard requests that the kernel makes for an ioctl (USB 2.0, 9.4). */
static long request(struct usbfs *usbfs, struct usbfs_file *file, uint8_t recipient,
                    uint8_t code, uint32_t value, uint32_t index)
{
    const uint8_t setup[8] = {recipient,      code,
                              (uint8_t)value, (uint8_t)(value >> 8),
                              (uint8_t)index, (uint8_t)(index >> 8)};
    return usbfs_transfer(usbfs, file, 0, setup, NULL, 0, 1000);
}

long usbfs_claim(struct usbfs *usbfs, struct usbfs_file *file, uint32_t iface)
{
    if (iface >= USBFS_CLAIMS)
        return -EINVAL;
    if (iface >= usbfs->identity.configuration[4])
        return -ENOENT;
    struct list_link *link;
    LIST_FOR_EACH(link, &usbfs->files)
    {
        struct usbfs_file *other = LIST_ENTRY(link, struct usbfs_file, link);
        if (other != file && (other->claimed >> iface & 1) != 0)
            return -EBUSY;
    }
    file->claimed |= UINT32_C(1) << iface;
    return 0;
}

static long release(struct usbfs *usbfs, struct usbfs_file *file, uint32_t iface)
{
    if (iface >= USBFS_CLAIMS || (file->claimed >> iface & 1) == 0)
        return -EINVAL;
    usbfs_shut(usbfs, file, iface);
    file->claimed &= ~(UINT32_C(1) << iface);
    return 0;
}

/* CONTROL and BULK: `data` is the structure, its last member the pointer. */
static long transfer_control(struct usbfs *usbfs, struct usbfs_file *file,
                             UMockdevIoctlData *arg)
{
    struct usbdevfs_ctrltransfer told;
    uint8_t setup[8];
    memcpy(&told, arg->data, sizeof told);
    memcpy(setup, arg->data, sizeof setup);
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
        arg, offsetof(struct usbdevfs_ctrltransfer, data), told.wLength, NULL);
    if (data == NULL && told.wLength > 0)
        return -EFAULT;
    long answer = usbfs_transfer(usbfs, file, 0, setup, data, told.wLength, told.timeout);
    if (data != NULL)
        g_object_unref(data);
    return answer;
}

static long transfer_bulk(struct usbfs *usbfs, struct usbfs_file *file,
                          UMockdevIoctlData *arg)
{
    struct usbdevfs_bulktransfer told;
    memcpy(&told, arg->data, sizeof told);
    if (told.len > USBFS_TRANSFER)
        return -EINVAL;
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
        arg, offsetof(struct usbdevfs_bulktransfer, data), told.len, NULL);
    if (data == NULL && told.len > 0)
        return -EFAULT;
    long answer =
        usbfs_transfer(usbfs, file, (uint8_t)told.ep, NULL, data, told.len, told.timeout);
    if (data != NULL)
        g_object_unref(data);
    return answer;
}

static long capabilities(UMockdevIoctlData *arg)
{
    const uint32_t told = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM
                          | USBDEVFS_CAP_BULK_SCATTER_GATHER
                          | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    memcpy(arg->data, &told, sizeof told);
    return 0;
}

static uint32_t word(const UMockdevIoctlData *arg, size_t index)
{
    uint32_t value;
    memcpy(&value, arg->data + 4 * index, sizeof value);
    return value;
}

/* USBDEVFS_IOCTL: an ioctl to the interface's kernel driver. There is none. */
static long driver_ioctl(const UMockdevIoctlData *arg)
{
    struct usbdevfs_ioctl told;
    memcpy(&told, arg->data, sizeof told);
    switch ((unsigned)told.ioctl_code) {
    case USBDEVFS_DISCONNECT:
        return -ENODATA;
    case USBDEVFS_CONNECT:
        return 0;
    default:
        return -ENOTTY;
    }
}

/* As the kernel resets: every URB ends with ESHUTDOWN, no file has a claim any more, and
 * the configuration is there again afterwards. */
static long reset(struct usbfs *usbfs)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &usbfs->files)
    LIST_ENTRY(link, struct usbfs_file, link)->claimed = 0;
    sim_reset(usbfs->device);
    usbfs_collect(usbfs);
    usbfs_configure(usbfs);
    return sim_unplugged(usbfs->device) ? -ENODEV : 0;
}

/* An ioctl of a device that is there, but reaps. */
static long serve_present(struct usbfs *usbfs, struct usbfs_file *file, gulong code,
                          UMockdevIoctlData *arg)
{
    switch (code) { /* tidy: table */
    case USBDEVFS_SUBMITURB:
        return usbfs_submit(usbfs, file, arg);
    case USBDEVFS_CONTROL:
        return transfer_control(usbfs, file, arg);
    case USBDEVFS_BULK:
        return transfer_bulk(usbfs, file, arg);
    case USBDEVFS_GET_CAPABILITIES:
        return capabilities(arg);
    case USBDEVFS_GET_SPEED:
        return (long)usbfs->identity.speed;
    case USBDEVFS_CONNECTINFO:
        memset(arg->data, 0, (size_t)arg->data_len); /* device number 0: not asked */
        return 0;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        return usbfs_claim(usbfs, file, word(arg, 0));
    case USBDEVFS_RELEASEINTERFACE:
        return release(usbfs, file, word(arg, 0));
    case USBDEVFS_SETINTERFACE:
        return request(usbfs, file, 0x01, 0x0B, word(arg, 1), word(arg, 0));
    case USBDEVFS_SETCONFIGURATION:
        return request(usbfs, file, 0x00, 0x09, word(arg, 0), 0);
    case USBDEVFS_CLEAR_HALT:
        return request(usbfs, file, 0x02, 0x01, 0, word(arg, 0));
    case USBDEVFS_RESETEP:
        return 0;
    case USBDEVFS_RESET:
        return reset(usbfs);
    case USBDEVFS_GETDRIVER:
        return -ENODATA;
    case USBDEVFS_IOCTL:
        return driver_ioctl(arg);
    default:
        return -ENOTTY;
    }
}

static long serve(struct usbfs *usbfs, struct usbfs_file *file, gulong code,
                  UMockdevIoctlData *raw)
{
    if (code == USBDEVFS_DISCARDURB) {
        gulong address;
        memcpy(&address, raw->data, sizeof address);
        return usbfs->gone ? -ENODEV : usbfs_discard(file, usbfs, address);
    }
    UMockdevIoctlData *arg = NULL;
    size_t size = _IOC_SIZE((unsigned)code);
    if (size > 0)
        arg = umockdev_ioctl_data_resolve(raw, 0, size, NULL);
    long answer;
    if (size > 0 && arg == NULL)
        answer = -EFAULT;
    else if (code == USBDEVFS_REAPURBNDELAY || code == USBDEVFS_REAPURB)
        answer = usbfs_reap(usbfs, file, arg, code == USBDEVFS_REAPURB);
    else if (usbfs->gone)
        answer = -ENODEV;
    else
        answer = serve_present(usbfs, file, code, arg);
    if (arg != NULL)
        g_object_unref(arg);
    return answer;
}

static gboolean on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer context)
{
    struct usbfs *usbfs = context;
    (void)handler;
    /* The answer may end the argument's life before it is looked at for the last time. */
    UMockdevIoctlData *raw = g_object_ref(umockdev_ioctl_client_get_arg(client));
    gulong code = umockdev_ioctl_client_get_request(client);
    os_mutex_lock(&usbfs->mutex);
    usbfs->counts.ioctls++;
    struct usbfs_file *file = find_file(usbfs, client);
    long answer = -EBADF;
    if (file != NULL)
        answer = serve(usbfs, file, code, raw);
    if (answer != USBFS_LATER)
        usbfs_answer(client, answer);
    os_mutex_unlock(&usbfs->mutex);
    g_object_unref(raw);
    if (code != USBDEVFS_REAPURBNDELAY && code != USBDEVFS_REAPURB)
        usbfs->kick(usbfs->owner);
    return TRUE;
}

/* umockdev's object for an open file goes when the file is closed; its signals for that
 * (client-vanished, notify::connected) never come in 0.17. */
static void on_closed(gpointer context, GObject *client)
{
    struct usbfs *usbfs = context;
    os_mutex_lock(&usbfs->mutex);
    struct usbfs_file *file = find_file(usbfs, (UMockdevIoctlClient *)(void *)client);
    if (file != NULL) {
        usbfs_close(usbfs, file);
        list_remove(&file->link);
        free(file);
        usbfs->counts.opens--;
    }
    os_mutex_unlock(&usbfs->mutex);
}

static void on_opened(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                      gpointer context)
{
    struct usbfs *usbfs = context;
    (void)handler;
    struct usbfs_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return;
    file->client = client;
    list_init(&file->kept);
    list_init(&file->done);
    os_mutex_lock(&usbfs->mutex);
    list_append(&usbfs->files, &file->link);
    usbfs->counts.opens++;
    os_mutex_unlock(&usbfs->mutex);
    g_object_weak_ref(G_OBJECT(client), on_closed, usbfs);
}

struct usbfs *usbfs_new(struct sim_device *device, void (*kick)(void *owner), void *owner)
{
    struct usbfs *usbfs = calloc(1, sizeof *usbfs);
    if (usbfs == NULL
        || openpty(&usbfs->master, &usbfs->slave, usbfs->terminal, NULL, NULL) != 0) {
        free(usbfs);
        sim_device_free(device);
        return NULL;
    }
    (void)tcflow(usbfs->slave, TCOOFF);
    os_mutex_init(&usbfs->mutex);
    list_init(&usbfs->files);
    usbfs->device = device;
    usbfs->identity = *sim_device_identity(device);
    usbfs->kick = kick;
    usbfs->owner = owner;
    usbfs->traced = getenv("MOCK_TRACE") != NULL;
    usbfs_configure(usbfs);
    usbfs->handler = umockdev_ioctl_base_new();
    g_signal_connect(usbfs->handler, "handle-ioctl", G_CALLBACK(on_ioctl), usbfs);
    g_signal_connect(usbfs->handler, "client-connected", G_CALLBACK(on_opened), usbfs);
    return usbfs;
}

void usbfs_free(struct usbfs *usbfs)
{
    usbfs_remove(usbfs);
    while (!list_empty(&usbfs->files)) {
        struct usbfs_file *file = LIST_ENTRY(usbfs->files.next, struct usbfs_file, link);
        usbfs_close(usbfs, file);
        list_remove(&file->link);
        free(file);
    }
    g_object_unref(usbfs->handler);
    os_mutex_destroy(&usbfs->mutex);
    free(usbfs);
}

UMockdevIoctlBase *usbfs_handler(struct usbfs *usbfs)
{
    return usbfs->handler;
}

const char *usbfs_terminal(const struct usbfs *usbfs)
{
    return usbfs->terminal;
}

uint64_t usbfs_advance(struct usbfs *usbfs, uint64_t now_ms)
{
    uint64_t next = OS_FOREVER;
    os_mutex_lock(&usbfs->mutex);
    if (!usbfs->gone) {
        uint64_t expiry = usbfs_expire(usbfs, now_ms);
        next = sim_advance(usbfs->device, now_ms);
        usbfs_collect(usbfs);
        if (expiry < next)
            next = expiry;
    }
    os_mutex_unlock(&usbfs->mutex);
    return next;
}

bool usbfs_wants_removal(struct usbfs *usbfs)
{
    os_mutex_lock(&usbfs->mutex);
    bool wanted = !usbfs->gone && sim_unplugged(usbfs->device);
    os_mutex_unlock(&usbfs->mutex);
    return wanted;
}

static void end_waiting_reaps(struct usbfs *usbfs)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &usbfs->files)
    {
        struct usbfs_file *file = LIST_ENTRY(link, struct usbfs_file, link);
        if (file->reaping != NULL)
            usbfs_answer(file->client, -ENODEV);
        file->reaping = NULL;
    }
}

void usbfs_remove(struct usbfs *usbfs)
{
    os_mutex_lock(&usbfs->mutex);
    if (!usbfs->gone) {
        sim_unplug(usbfs->device);
        usbfs_collect(usbfs);
        end_waiting_reaps(usbfs);
        usbfs->gone = true;
        usbfs->counts.urbs = *sim_device_counts(usbfs->device);
        sim_device_free(usbfs->device);
        usbfs->device = NULL;
        close(usbfs->master); /* polls tell POLLERR from now on */
        close(usbfs->slave);
    }
    os_mutex_unlock(&usbfs->mutex);
}

void usbfs_revive(struct usbfs *usbfs)
{
    os_mutex_lock(&usbfs->mutex);
    if (!usbfs->gone)
        sim_revive(usbfs->device);
    os_mutex_unlock(&usbfs->mutex);
}

void usbfs_card(struct usbfs *usbfs, uint32_t slot, bool present)
{
    os_mutex_lock(&usbfs->mutex);
    if (!usbfs->gone) {
        if (present)
            sim_card_insert(usbfs->device, slot);
        else
            sim_card_remove(usbfs->device, slot);
        usbfs_collect(usbfs);
    }
    os_mutex_unlock(&usbfs->mutex);
    usbfs->kick(usbfs->owner);
}

void usbfs_reset(struct usbfs *usbfs)
{
    os_mutex_lock(&usbfs->mutex);
    if (!usbfs->gone)
        (void)reset(usbfs);
    os_mutex_unlock(&usbfs->mutex);
    usbfs->kick(usbfs->owner);
}

struct mock_counts usbfs_counts(struct usbfs *usbfs)
{
    os_mutex_lock(&usbfs->mutex);
    struct mock_counts counts = usbfs->counts;
    if (!usbfs->gone)
        counts.urbs = *sim_device_counts(usbfs->device);
    counts.kept = 0;
    struct list_link *file, *link;
    LIST_FOR_EACH(file, &usbfs->files)
    {
        struct usbfs_file *of = LIST_ENTRY(file, struct usbfs_file, link);
        LIST_FOR_EACH(link, &of->kept)
        counts.kept++;
        LIST_FOR_EACH(link, &of->done)
        counts.kept++;
    }
    os_mutex_unlock(&usbfs->mutex);
    return counts;
}
