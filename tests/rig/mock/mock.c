/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* renameat2 */
#include "tests/rig/mock/mock.h"

#include "base/list.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/rig/mock/usbfs.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_ADDRESS = 2,
    LAST_ADDRESS = 127,
    SETTLE_MS = 2000 /* for umockdev to notice closed files at the end */
};

struct mock_reader {
    struct mock *mock;
    struct usbfs *usbfs;
    uint32_t port; /* 0: has left */
    uint8_t address;
    char *path; /* in sysfs */
    char node[32];
    bool attached; /* its ioctls have a socket */
    struct list_link link;
};

/* Orders of locks: bed, then list, then the nodes' own. */
#define KEPT ".kept" /* behind the name of a node that cannot be opened yet */

struct mock {
    UMockdevTestbed *bed;
    char *hub;                 /* sysfs path */
    struct os_mutex bed_mutex; /* plugging and unplugging, one at a time */
    uint64_t ports;            /* bit n: port n is taken */
    bool keep_nodes;           /* under bed_mutex */
    uint8_t last_address;
    struct os_mutex list_mutex;
    struct os_cond changed;
    bool kicked, stopping;
    struct list_link readers;
    struct list_link left; /* kept to the end: umockdev may still call them */
    struct os_thread clock;
};

static void kick(void *owner)
{
    struct mock *mock = owner;
    os_mutex_lock(&mock->list_mutex);
    mock->kicked = true;
    os_cond_signal(&mock->changed);
    os_mutex_unlock(&mock->list_mutex);
}

/* A reader takes itself out; the first that wants it, or NULL. */
static struct mock_reader *advance(struct mock *mock, uint64_t *next_ms)
{
    struct mock_reader *leaves = NULL;
    struct list_link *link;
    uint64_t now_ms = os_now_ms();
    *next_ms = OS_FOREVER;
    LIST_FOR_EACH(link, &mock->readers)
    {
        struct mock_reader *reader = LIST_ENTRY(link, struct mock_reader, link);
        uint64_t next = usbfs_advance(reader->usbfs, now_ms);
        if (next < *next_ms)
            *next_ms = next;
        if (leaves == NULL && usbfs_wants_removal(reader->usbfs))
            leaves = reader;
    }
    return leaves;
}

/* The thread that lets the simulated devices' time pass. */
static void run_clock(void *context)
{
    struct mock *mock = context;
    os_mutex_lock(&mock->list_mutex);
    while (!mock->stopping) {
        uint64_t next_ms;
        mock->kicked = false;
        struct mock_reader *leaves = advance(mock, &next_ms);
        if (leaves != NULL) {
            os_mutex_unlock(&mock->list_mutex);
            mock_leave(leaves);
            os_mutex_lock(&mock->list_mutex);
            continue;
        }
        while (!mock->kicked && !mock->stopping
               && os_cond_wait(&mock->changed, &mock->list_mutex, next_ms))
            continue;
    }
    os_mutex_unlock(&mock->list_mutex);
}

static const uint8_t hub_descriptors[] = {
    18,   1, 0x00, 0x02, 9,    0, 0,  64,   0x6B,
    0x1D, 2, 0,    0x00, 0x06, 0, 0,  0,    1, /* device */
    9,    2, 25,   0,    1,    1, 0,  0xE0, 0, /* configuration */
    9,    4, 0,    0,    1,    9, 0,  0,    0, /* interface */
    7,    5, 0x81, 3,    4,    0, 12,          /* endpoint */
};

/* What is told of a device in sysfs, but its binary descriptors. */
struct face {
    const char *name, *parent, *node;
    uint32_t address;
    const char *speed;
    const uint8_t *descriptor;
    const char *texts[3]; /* manufacturer, product, serial */
};

static char *bed_file(UMockdevTestbed *bed, const char *path)
{
    char *root = umockdev_testbed_get_root_dir(bed);
    char *file = g_strconcat(root, path, NULL);
    g_free(root);
    return file;
}

/* The descriptors must be there when the event goes out, which adding a device does at
 * once: its folder is made before. */
static bool put_descriptors(UMockdevTestbed *bed, const char *path, const uint8_t *device,
                            const uint8_t *configuration, size_t size)
{
    char *folder = bed_file(bed, path);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, device, 18);
    g_byte_array_append(bytes, configuration, (guint)size);
    bool done = g_mkdir_with_parents(folder, 0755) == 0;
    if (done)
        umockdev_testbed_set_attribute_binary(bed, path, "descriptors", bytes->data,
                                              (gint)bytes->len);
    g_byte_array_unref(bytes);
    g_free(folder);
    return done;
}

static void add_pair(GPtrArray *pairs, const char *name, const char *value)
{
    g_ptr_array_add(pairs, g_strdup(name));
    g_ptr_array_add(pairs, g_strdup(value));
}

/* The value is the array's, from g_strdup_printf. */
static void add_made(GPtrArray *pairs, const char *name, char *value)
{
    g_ptr_array_add(pairs, g_strdup(name));
    g_ptr_array_add(pairs, value);
}

static GPtrArray *face_attributes(const struct face *face)
{
    static const char *const text_names[3] = {"manufacturer", "product", "serial"};
    const uint8_t *of = face->descriptor;
    GPtrArray *pairs = g_ptr_array_new_with_free_func(g_free);
    add_made(pairs, "busnum", g_strdup_printf("%u\n", 1));
    add_made(pairs, "devnum", g_strdup_printf("%u\n", face->address));
    add_pair(pairs, "speed", face->speed);
    add_made(pairs, "bConfigurationValue", g_strdup_printf("%u\n", 1));
    add_made(pairs, "bNumConfigurations", g_strdup_printf("%u\n", 1));
    add_made(pairs, "idVendor",
             g_strdup_printf("%04x\n", (unsigned)(of[8] | of[9] << 8)));
    add_made(pairs, "idProduct",
             g_strdup_printf("%04x\n", (unsigned)(of[10] | of[11] << 8)));
    add_made(pairs, "bcdDevice",
             g_strdup_printf("%04x\n", (unsigned)(of[12] | of[13] << 8)));
    add_made(pairs, "bDeviceClass", g_strdup_printf("%02x\n", of[4]));
    add_made(pairs, "dev", g_strdup_printf("189:%u", face->address - 1));
    for (size_t i = 0; i < 3; i++)
        if (face->texts[i] != NULL)
            add_pair(pairs, text_names[i], face->texts[i]);
    g_ptr_array_add(pairs, NULL);
    return pairs;
}

static GPtrArray *face_properties(const struct face *face)
{
    GPtrArray *pairs = g_ptr_array_new_with_free_func(g_free);
    add_pair(pairs, "DEVTYPE", "usb_device");
    add_pair(pairs, "DEVNAME", face->node);
    add_made(pairs, "BUSNUM", g_strdup_printf("%03u", 1));
    add_made(pairs, "DEVNUM", g_strdup_printf("%03u", face->address));
    add_made(pairs, "MAJOR", g_strdup_printf("%u", 189));
    add_made(pairs, "MINOR", g_strdup_printf("%u", face->address - 1));
    g_ptr_array_add(pairs, NULL);
    return pairs;
}

/* Its path in sysfs; the event has been sent. */
static char *add_face(UMockdevTestbed *bed, const struct face *face)
{
    GPtrArray *attributes = face_attributes(face);
    GPtrArray *properties = face_properties(face);
    char *path = umockdev_testbed_add_devicev(bed, "usb", face->name, face->parent,
                                              (char **)attributes->pdata,
                                              (char **)properties->pdata);
    g_ptr_array_unref(attributes);
    g_ptr_array_unref(properties);
    return path;
}

static bool add_hub(struct mock *mock)
{
    const struct face face = {.name = "usb1",
                              .node = "/dev/bus/usb/001/001",
                              .address = 1,
                              .speed = "480\n",
                              .descriptor = hub_descriptors};
    return put_descriptors(mock->bed, "/sys/devices/usb1", hub_descriptors,
                           hub_descriptors + 18, sizeof hub_descriptors - 18)
           && (mock->hub = add_face(mock->bed, &face)) != NULL;
}

struct mock *mock_start(void)
{
    struct mock *mock = calloc(1, sizeof *mock);
    if (mock == NULL)
        return NULL;
    list_init(&mock->readers);
    list_init(&mock->left);
    os_mutex_init(&mock->bed_mutex);
    os_mutex_init(&mock->list_mutex);
    os_cond_init(&mock->changed);
    mock->ports = 1; /* there is no port 0 */
    mock->last_address = FIRST_ADDRESS - 1;
    mock->bed = umockdev_testbed_new();
    if (!umockdev_in_mock_environment() || !add_hub(mock)
        || os_thread_start(&mock->clock, "mock clock", run_clock, mock) != SC_OK) {
        g_free(mock->hub);
        g_object_unref(mock->bed);
        free(mock);
        return NULL;
    }
    return mock;
}

static bool anything_open(struct mock *mock)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &mock->left)
    if (usbfs_counts(LIST_ENTRY(link, struct mock_reader, link)->usbfs).opens != 0)
        return true;
    return false;
}

void mock_stop(struct mock *mock)
{
    while (!list_empty(&mock->readers))
        mock_leave(LIST_ENTRY(mock->readers.next, struct mock_reader, link));
    os_mutex_lock(&mock->list_mutex);
    mock->stopping = true;
    os_cond_signal(&mock->changed);
    os_mutex_unlock(&mock->list_mutex);
    os_thread_join(&mock->clock);
    for (int waited = 0; anything_open(mock) && waited < SETTLE_MS; waited++)
        g_usleep(1000);
    bool open = anything_open(mock);
    g_object_unref(mock->bed);
    while (!open && !list_empty(&mock->left)) {
        struct mock_reader *reader =
            LIST_ENTRY(mock->left.next, struct mock_reader, link);
        list_remove(&reader->link);
        usbfs_free(reader->usbfs);
        g_free(reader->path);
        free(reader);
    }
    if (open)
        return; /* umockdev's thread may call what would be freed */
    g_free(mock->hub);
    os_cond_destroy(&mock->changed);
    os_mutex_destroy(&mock->list_mutex);
    os_mutex_destroy(&mock->bed_mutex);
    free(mock);
}

static bool address_taken(struct mock *mock, uint8_t address)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &mock->readers)
    {
        struct mock_reader *reader = LIST_ENTRY(link, struct mock_reader, link);
        if (reader->port != 0 && reader->address == address)
            return true;
    }
    return false;
}

/* The next address, as the kernel gives them: round robin. */
static uint8_t new_address(struct mock *mock)
{
    do {
        if (++mock->last_address > LAST_ADDRESS)
            mock->last_address = FIRST_ADDRESS;
    } while (address_taken(mock, mock->last_address));
    return mock->last_address;
}

/* A reader that has left keeps the socket of its ioctls until another one has its address: who
 * has opened the node and is not served yet would be ended by umockdev. */
static void detach_former(struct mock *mock, const char *node)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &mock->left)
    {
        struct mock_reader *former = LIST_ENTRY(link, struct mock_reader, link);
        if (former->attached && strcmp(former->node, node) == 0) {
            umockdev_testbed_detach_ioctl(mock->bed, node, NULL);
            former->attached = false;
        }
    }
}

/* The node: a link to the terminal, and the socket of its ioctls. */
static bool add_node(struct mock_reader *reader)
{
    UMockdevTestbed *bed = reader->mock->bed;
    char *node = bed_file(bed, reader->node);
    char *kept = g_strconcat(node, KEPT, NULL);
    char *folder = g_path_get_dirname(node);
    bool keep = reader->mock->keep_nodes;
    detach_former(reader->mock, reader->node);
    bool done = g_mkdir_with_parents(folder, 0755) == 0
                && symlink(usbfs_terminal(reader->usbfs), keep ? kept : node) == 0
                && (!keep || g_mkdir(node, 0755) == 0) /* EISDIR */
                && umockdev_testbed_attach_ioctl(bed, reader->node,
                                                 usbfs_handler(reader->usbfs), NULL);
    reader->attached = done;
    g_free(folder);
    g_free(kept);
    g_free(node);
    return done;
}

void mock_keep_nodes(struct mock *mock, bool keep)
{
    os_mutex_lock(&mock->bed_mutex);
    mock->keep_nodes = keep;
    os_mutex_unlock(&mock->bed_mutex);
}

bool mock_give_node(struct mock_reader *reader)
{
    char *node = bed_file(reader->mock->bed, reader->node);
    char *kept = g_strconcat(node, KEPT, NULL);
    /* At once: a node that is not there means to libusb that the device has left. */
    bool done = renameat2(AT_FDCWD, kept, AT_FDCWD, node, RENAME_EXCHANGE) == 0;
    g_free(kept);
    g_free(node);
    return done;
}

static bool add_reader(struct mock_reader *reader, const struct sim_identity *identity)
{
    struct mock *mock = reader->mock;
    char name[16], path[64];
    g_snprintf(name, sizeof name, "1-%u", reader->port);
    g_snprintf(path, sizeof path, "%s/%s", mock->hub, name);
    const struct face face = {
        .name = name,
        .parent = mock->hub,
        .node = reader->node,
        .address = reader->address,
        .speed = identity->speed == SIM_HIGH_SPEED ? "480\n" : "12\n",
        .descriptor = identity->device_descriptor,
        .texts = {identity->strings[1], identity->strings[2], identity->strings[3]}};
    return add_node(reader)
           && put_descriptors(mock->bed, path, identity->device_descriptor,
                              identity->configuration, identity->configuration_size)
           && (reader->path = add_face(mock->bed, &face)) != NULL;
}

/* Under bed_mutex. */
static struct mock_reader *plug(struct mock *mock, struct sim_device *device)
{
    uint32_t port = 1;
    while (port < MOCK_PORTS && (mock->ports >> port & 1) != 0)
        port++;
    struct mock_reader *reader = port < MOCK_PORTS ? calloc(1, sizeof *reader) : NULL;
    if (reader == NULL) {
        sim_device_free(device);
        return NULL;
    }
    const struct sim_identity identity = *sim_device_identity(device);
    reader->mock = mock;
    reader->usbfs = usbfs_new(device, kick, mock);
    if (reader->usbfs == NULL) {
        free(reader);
        return NULL;
    }
    reader->port = port;
    reader->address = new_address(mock);
    g_snprintf(reader->node, sizeof reader->node, "/dev/bus/usb/001/%03u",
               reader->address);
    mock->ports |= UINT64_C(1) << port;
    os_mutex_lock(&mock->list_mutex);
    list_append(&mock->readers, &reader->link);
    os_mutex_unlock(&mock->list_mutex);
    return add_reader(reader, &identity) ? reader : NULL;
}

struct mock_reader *mock_plug(struct mock *mock, const char *specification,
                              char why[MOCK_WHY])
{
    struct sim_device *device = sim_device_new(specification, why, MOCK_WHY);
    if (device == NULL)
        return NULL;
    os_mutex_lock(&mock->bed_mutex);
    struct mock_reader *reader = plug(mock, device);
    os_mutex_unlock(&mock->bed_mutex);
    if (reader == NULL)
        g_snprintf(why, MOCK_WHY, "no free port, pseudo-terminal, memory or disk");
    kick(mock);
    return reader;
}

void mock_leave(struct mock_reader *reader)
{
    struct mock *mock = reader->mock;
    os_mutex_lock(&mock->bed_mutex);
    if (reader->port != 0) {
        usbfs_remove(reader->usbfs);
        if (reader->path != NULL) {
            umockdev_testbed_uevent(mock->bed, reader->path, "remove");
            umockdev_testbed_remove_device(mock->bed, reader->path);
        }
        mock->ports &= ~(UINT64_C(1) << reader->port);
        reader->port = 0;
        os_mutex_lock(&mock->list_mutex);
        list_remove(&reader->link);
        list_append(&mock->left, &reader->link);
        os_mutex_unlock(&mock->list_mutex);
    }
    os_mutex_unlock(&mock->bed_mutex);
}

void mock_unplug(struct mock_reader *reader)
{
    mock_leave(reader); /* the memory goes with mock_stop: umockdev may still call it */
}

bool mock_plugged(struct mock_reader *reader)
{
    os_mutex_lock(&reader->mock->bed_mutex);
    bool plugged = reader->port != 0;
    os_mutex_unlock(&reader->mock->bed_mutex);
    return plugged;
}

void mock_card_insert(struct mock_reader *reader, uint32_t slot)
{
    usbfs_card(reader->usbfs, slot, true);
}

void mock_card_remove(struct mock_reader *reader, uint32_t slot)
{
    usbfs_card(reader->usbfs, slot, false);
}

void mock_revive(struct mock_reader *reader)
{
    usbfs_revive(reader->usbfs);
}

void mock_reset(struct mock_reader *reader)
{
    usbfs_reset(reader->usbfs);
}

uint8_t mock_address(const struct mock_reader *reader)
{
    return reader->address;
}

struct mock_counts mock_counts(struct mock_reader *reader)
{
    return usbfs_counts(reader->usbfs);
}
