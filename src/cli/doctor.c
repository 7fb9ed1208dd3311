/* SPDX-License-Identifier: BSD-2-Clause */
/* How USB readers and configuration files are found: the kernel's sysfs-bus-usb, and
 * readers.d as the library reads it. */
#include "cli/doctor.h"

#include "cli/usb_device.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void doctor_find(struct doctor *doctor, enum doctor_weight weight, const char *remedy,
                 const char *format, ...)
{
    va_list values;
    if (doctor->finding_count == DOCTOR_FINDINGS_MAX)
        return;
    struct doctor_finding *finding = &doctor->findings[doctor->finding_count++];
    struct text text;
    assert(format[0] != '\0' && remedy != NULL);
    finding->weight = weight;
    va_start(values, format);
    if (vsnprintf(finding->what, sizeof finding->what, format, values) < 0)
        finding->what[0] = '\0';
    va_end(values);
    text_start(&text, finding->remedy, sizeof finding->remedy);
    text_add(&text, "%s", remedy);
}

struct usb_walk {
    struct doctor *doctor;
    const char *devices;
    const char *nodes;
};

/* `usb` is the device's directory name: "1-2.4". */
static void note_usb_device(struct usb_walk *walk, const char *iface, const char *usb)
{
    struct doctor *doctor = walk->doctor;
    char first[60];
    char second[60];
    uint32_t bus = 0;
    uint32_t number = 0;
    struct text text;
    if (doctor->device_count == DOCTOR_DEVICES_MAX)
        return;
    struct doctor_device *device = &doctor->devices[doctor->device_count++];
    usb_device_line(walk->devices, usb, "manufacturer", first, sizeof first);
    usb_device_line(walk->devices, usb, "product", second, sizeof second);
    text_start(&text, device->name, sizeof device->name);
    text_add(&text, "%s%s%s", first, first[0] != '\0' && second[0] != '\0' ? " " : "",
             second);
    if (text.size == 0)
        text_add(&text, "a reader without a name");
    usb_device_line(walk->devices, usb, "idVendor", first, sizeof first);
    usb_device_line(walk->devices, usb, "idProduct", second, sizeof second);
    text_start(&text, device->usb_id, sizeof device->usb_id);
    text_add(&text, "%.4s:%.4s", first, second);
    usb_device_line(walk->devices, usb, "busnum", first, sizeof first);
    usb_device_line(walk->devices, usb, "devnum", second, sizeof second);
    bool numbered = text_number(first, 999, &bus) && text_number(second, 999, &number);
    text_start(&text, device->node, sizeof device->node);
    text_add(&text, "%s/%03u/%03u", walk->nodes, (unsigned)bus, (unsigned)number);
    device->access = numbered ? platform_access(device->node) : PLATFORM_MISSING;
    char driver[PLATFORM_PATH_MAX];
    text_start(&text, driver, sizeof driver);
    text_add(&text, "%s/%s/driver", walk->devices, iface);
    device->claimed = platform_access(driver) != PLATFORM_MISSING;
}

/* Interfaces are the entries with a ':' in their names: "1-2.4:1.0". */
static void look_at_interface(void *context, const char *name)
{
    struct usb_walk *walk = context;
    char usb[64];
    char class[16];
    const char *colon = strchr(name, ':');
    if (colon == NULL || (size_t)(colon - name) >= sizeof usb)
        return;
    usb_device_line(walk->devices, name, "bInterfaceClass", class, sizeof class);
    if (strcmp(class, "0b") != 0)
        return;
    memcpy(usb, name, (size_t)(colon - name));
    usb[colon - name] = '\0';
    note_usb_device(walk, name, usb);
}

void doctor_look_for_usb(struct doctor *doctor, const char *devices, const char *nodes)
{
    struct usb_walk walk = {doctor, devices, nodes};
    doctor->devices_known =
        *devices != '\0' && platform_directory(devices, look_at_interface, &walk);
}

struct configuration_walk {
    struct doctor *doctor;
    const char *directory;
};

static void add_source(struct doctor *doctor, const char *file, const char *uri)
{
    struct text text;
    if (doctor->source_count == DOCTOR_FILES_MAX)
        return;
    struct doctor_source *source = &doctor->sources[doctor->source_count++];
    text_start(&text, source->file, sizeof source->file);
    text_add(&text, "%s", file);
    text_start(&text, source->uri, sizeof source->uri);
    text_add(&text, "%s", uri);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Up to the ';', the end of the line, or a '#' behind a space. */
static size_t config_entry_size(const char *at)
{
    size_t size = 0;
    while (at[size] != '\0' && at[size] != ';'
           && !(at[size] == '#' && size > 0 && is_blank(at[size - 1])))
        size++;
    return size;
}

/* The entries of a line: ';' stands between them. '#' at the beginning of one, or after a
 * space, begins a comment up to the end of the line. */
static void add_entries(struct doctor *doctor, const char *file, char *line)
{
    char *at = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (;;) {
        at += strspn(at, " \t;");
        if (*at == '\0' || *at == '#')
            return;
        size_t size = config_entry_size(at);
        char after = at[size];
        char *next = at + size + (after == ';' ? 1 : 0);
        while (size > 0 && is_blank(at[size - 1]))
            size--;
        at[size] = '\0';
        add_source(doctor, file, at);
        if (after == '#')
            return;
        at = next;
    }
}

static void read_config_file(void *context, const char *name)
{
    struct configuration_walk *walk = context;
    char path[PLATFORM_PATH_MAX];
    char line[512];
    struct text text;
    size_t size = strlen(name);
    if (name[0] == '.' || size <= 5 || strcmp(name + size - 5, ".conf") != 0)
        return;
    text_start(&text, path, sizeof path);
    text_add(&text, "%s/%s", walk->directory, name);
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        doctor_find(walk->doctor, DOCTOR_NOTE, "Make it readable for this user.",
                    "The configuration file %s cannot be read.", path);
        return;
    }
    while (fgets(line, sizeof line, stream) != NULL)
        add_entries(walk->doctor, path, line);
    fclose(stream);
}

void doctor_read_configuration(struct doctor *doctor, const char *directory)
{
    struct configuration_walk walk = {doctor, directory};
    platform_directory(directory, read_config_file, &walk);
}
