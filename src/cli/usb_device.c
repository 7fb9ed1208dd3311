/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/usb_device.h"

#include "cli/platform.h"
#include "cli/text.h"

#include <string.h>

void usb_device_line(const char *directory, const char *device, const char *file,
                     char *line, int room)
{
    char path[PLATFORM_PATH_MAX];
    struct text text;
    text_start(&text, path, sizeof path);
    text_add(&text, "%s/%s/%s", directory, device, file);
    line[0] = '\0';
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return;
    if (fgets(line, room, stream) == NULL)
        line[0] = '\0';
    fclose(stream);
    line[strcspn(line, "\n")] = '\0';
}

struct walk {
    const char *devices, *nodes, *id;
    const char *last; /* part of the id */
    char *node;
    bool found;
};

static bool is_device(const struct walk *walk, const char *usb)
{
    char start[32], vendor[16], product[16], serial[128];
    struct text text;
    usb_device_line(walk->devices, usb, "idVendor", vendor, sizeof vendor);
    usb_device_line(walk->devices, usb, "idProduct", product, sizeof product);
    usb_device_line(walk->devices, usb, "serial", serial, sizeof serial);
    text_start(&text, start, sizeof start);
    text_add(&text, "USB\\VID_%.4s&PID_%.4s", vendor, product);
    return vendor[0] != '\0' && strlen(walk->id) > text.size
           && text_contains(walk->id, start)
           && strcmp(walk->last, serial[0] != '\0' ? serial : usb) == 0;
}

static void take_if_device(void *context, const char *usb)
{
    struct walk *walk = context;
    char line[16];
    uint32_t bus = 0, number = 0;
    struct text text;
    if (walk->found || !is_device(walk, usb))
        return;
    usb_device_line(walk->devices, usb, "busnum", line, sizeof line);
    if (!text_number(line, 999, &bus))
        return;
    usb_device_line(walk->devices, usb, "devnum", line, sizeof line);
    if (!text_number(line, 999, &number))
        return;
    text_start(&text, walk->node, USB_NODE_ROOM);
    text_add(&text, "%s/%03u/%03u", walk->nodes, (unsigned)bus, (unsigned)number);
    walk->found = true;
}

bool usb_device_node(const char *devices, const char *nodes, const char *id,
                     char node[USB_NODE_ROOM])
{
    const char *last = strrchr(id, '\\');
    struct walk walk = {.devices = devices, .nodes = nodes, .id = id, .node = node};
    if (last == NULL || last[1] == '\0')
        return false;
    walk.last = last + 1;
    platform_directory(devices, take_if_device, &walk);
    return walk.found;
}
