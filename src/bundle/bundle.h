/* SPDX-License-Identifier: BSD-2-Clause */
/* Drivers of pcscd (IFD handlers) as they are installed: the bundles for USB readers, the
 * files that name readers on other lines (reader.conf(5)), and which USB devices are plugged
 * in, as Linux's sysfs shows them. Nothing is loaded or opened here but files.
 *
 * `why`, in all of these, is what is wrong, and continues "PATH "; "": nothing is. */
#ifndef BUNDLE_BUNDLE_H
#define BUNDLE_BUNDLE_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUNDLE_PATH_MAX = 512, /* bytes of a path, with its NUL */
    BUNDLE_NAME_MAX = 128, /* of a reader's name */
    BUNDLE_WHY_MAX = 192,
    BUNDLE_IDS_MAX = 4096, /* kinds of readers in a bundle; libccid has 600 */
    BUNDLES_MAX = 64,      /* more in a directory are left out, and logged */
    BUNDLE_PLIST_MAX = 1024 * 1024,
    BUNDLE_CONF_MAX = 65536,
    BUNDLE_OBJECT_MAX = 64 * 1024 * 1024,
    BUNDLE_USB_MAX = 256, /* devices that are looked at */
    BUNDLE_INTERFACES_MAX = 32
};

struct bundle_id {
    uint16_t vendor, product;
    char name[BUNDLE_NAME_MAX];
};

struct bundle {
    char directory[BUNDLE_PATH_MAX]; /* ".../NAME.bundle" */
    char object[BUNDLE_PATH_MAX];    /* its code, or "" */
    char why[BUNDLE_WHY_MAX];
    struct bundle_id *ids;
    size_t id_count;
};

/* One of reader.conf(5). */
struct bundle_reader {
    const char *file;
    char name[BUNDLE_NAME_MAX];
    char device[BUNDLE_PATH_MAX]; /* "": it has a channel alone */
    char object[BUNDLE_PATH_MAX];
    uint32_t channel;
    char why[BUNDLE_WHY_MAX];
};

struct bundle_interface {
    uint8_t number, class_code;
    char name[64]; /* "" */
};

struct bundle_usb {
    uint16_t vendor, product;
    uint8_t bus, address; /* /dev/bus/usb/BUS/ADDRESS */
    char path[32];        /* "1-2.4": the way through hubs */
    char serial[64];      /* "" */
    struct bundle_interface interfaces[BUNDLE_INTERFACES_MAX];
    size_t interface_count;
};

/* Reads the bundle at `directory`; bundle_forget() afterwards, whatever it gives. Errors:
 * SC_E_INVALID_VALUE (bundle->why), SC_E_NO_MEMORY. */
enum sc_error bundle_read(const char *directory, struct bundle *bundle);
void bundle_forget(struct bundle *bundle);
/* Errors: SC_E_NO_MEMORY; then nothing is to be forgotten. */
enum sc_error bundle_copy(const struct bundle *bundle, struct bundle *copy) MUST_CHECK;
/* Calls take() for each bundle below a directory, in the order of their names, with those
 * that are wrong; lent for the call. A directory that is not there has none. */
void bundle_list(const char *directory,
                 void (*take)(void *context, const struct bundle *bundle), void *context);
/* The kind of reader with these numbers, or NULL. */
const struct bundle_id *bundle_find(const struct bundle *bundle, uint16_t vendor,
                                    uint16_t product);

/* A number as CHANNELID has it, decimal or behind 0x. */
bool bundle_read_number(const char *text, uint32_t *result) MUST_CHECK;
/* What the text of one file says; lent for the call. */
void bundle_read_conf(const char *file, const char *text,
                      void (*take)(void *context, const struct bundle_reader *reader),
                      void *context);
/* Of all files of a directory, as pcscd takes them, whatever their names; or of one file. */
void bundle_list_readers(const char *path,
                         void (*take)(void *context, const struct bundle_reader *reader),
                         void *context);

/* Whether this file is an object that this machine can load, with the calls of an IFD
 * handler 2.0 or 3.0: what that can be seen by. False: why. */
bool bundle_check_object(const char *path, char why[BUNDLE_WHY_MAX]) MUST_CHECK;

/* Each device below sysfs' directory of them, os_usb_devices(). */
void bundle_list_usb(const char *devices,
                     void (*take)(void *context, const struct bundle_usb *device),
                     void *context);
/* Whether one of its interfaces has this class. */
bool bundle_usb_has_class(const struct bundle_usb *device, uint8_t class_code);
/* Which of its interfaces are readers, if a bundle names it: those of the class for smart
 * cards, else those of a vendor's class, else the first. Gives how many. */
size_t bundle_usb_readers(const struct bundle_usb *device,
                          size_t indices[BUNDLE_INTERFACES_MAX]);
/* What pcscd calls it for a handler: usb:08e6/3437:libudev:0:/dev/bus/usb/001/004. */
void bundle_usb_name(const struct bundle_usb *device,
                     const struct bundle_interface *interface_, const char *nodes,
                     char *name, size_t room);

#endif
