/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor command looks at, and what it found. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/platform.h"
#include "cli/text.h"

enum {
    DOCTOR_FINDINGS_MAX = 24,
    DOCTOR_LINE_MAX = 400,
    DOCTOR_FILES_MAX = 32,
    DOCTOR_DEVICES_MAX = 32
};

enum doctor_weight {
    DOCTOR_GOOD, /* as it should be */
    DOCTOR_NOTE, /* worth knowing */
    DOCTOR_BAD   /* in the way */
};

struct doctor_finding {
    enum doctor_weight weight;
    char what[DOCTOR_LINE_MAX];
    char remedy[DOCTOR_LINE_MAX]; /* "" : nothing is to be done */
};

/* A USB device with a smart card interface. */
struct doctor_device {
    char name[128];  /* maker and product */
    char usb_id[16]; /* "08e6:3437" */
    char node[64];   /* "/dev/bus/usb/001/004" */
    bool claimed;    /* a program has taken the interface, or a kernel driver */
    enum platform_access access;
};

/* A line of a configuration file that names readers. */
struct doctor_source {
    char file[256];
    char uri[200];
};

/* Where the library finds the readers. */
enum doctor_carrier {
    DOCTOR_CARRIER_NONE, /* no context could be had */
    DOCTOR_CARRIER_LOCAL,
    DOCTOR_CARRIER_PCSCD,
    DOCTOR_CARRIER_SERVICE
};

struct doctor {
    enum doctor_carrier carrier;
    char endpoint[256];          /* of pcscd or the service; "" */
    bool pcscd_answers;          /* a pcscd runs, whoever uses it */
    const char *carrier_setting; /* values of WINSCARD_*, or NULL */
    const char *readers_setting;
    const char *service_setting;
    const char *failure; /* the name of the error that took the context; or NULL */
    size_t reader_count;
    size_t reader_usable_count; /* not gone, not taken away */
    size_t reader_usb_count;    /* of type USB */
    size_t reader_usb_usable_count;
    struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
    size_t finding_count;
    struct doctor_device devices[DOCTOR_DEVICES_MAX];
    size_t device_count;
    struct doctor_source sources[DOCTOR_FILES_MAX];
    size_t source_count;
};

/* Adds a finding; `remedy` may be "". Beyond the limit it is dropped. */
void doctor_find(struct doctor *doctor, enum doctor_weight weight, const char *remedy,
                 const char *format, ...) TEXT_PRINTF(4, 5);

/* Looks for smart card interfaces (class 0B) under the sysfs directory `devices`,
 * normally /sys/bus/usb/devices, and for their nodes under `nodes`, normally
 * /dev/bus/usb. */
void doctor_look_for_usb(struct doctor *doctor, const char *devices, const char *nodes);

/* Reads the reader URIs of every DIRECTORY/NAME.conf as the library does: one a line or
 * ';' between them; '#' at the beginning or after a space begins a comment. */
void doctor_read_configuration(struct doctor *doctor, const char *directory);

/* Draws the findings from all of the above. */
void doctor_judge(struct doctor *doctor);

#endif
