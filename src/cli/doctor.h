/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor command looks at, and what it found. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/holders.h"
#include "cli/platform.h"
#include "cli/text.h"
#include "os/setting.h"

enum {
    DOCTOR_FINDINGS_MAX = 24,
    DOCTOR_LINE_MAX = 400,
    DOCTOR_FILES_MAX = 32,
    DOCTOR_DEVICES_MAX = 32,
    DOCTOR_SAID_MAX = 16,
    DOCTOR_HELD_MAX = 16,
    DOCTOR_SERVICES_MAX = CARRIER_SERVICES_MAX,
    DOCTOR_BUNDLES_MAX = 24,
    DOCTOR_UNKNOWN_MAX = 8
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
    char node[64];   /* "NODES/001/004" */
    bool claimed;    /* a program has taken the interface, or a kernel driver */
    enum platform_access access;
};

/* A line of a configuration file that names readers. */
struct doctor_source {
    char file[256];
    char uri[200];
};

/* A driver of pcscd's, or a reader that pcscd's files name for one. */
struct doctor_bundle {
    char place[256]; /* the bundle's directory, or the file */
    char about[DOCTOR_LINE_MAX - 256];
    bool usable;
};

/* A reader that a program keeps from others. */
struct doctor_held {
    char reader[HOLDER_READER_ROOM];
    char words[DOCTOR_LINE_MAX - HOLDER_READER_ROOM - 20]; /* by whom; "": not known */
};

/* A place where a service may be. */
struct doctor_service {
    struct carrier_place place;
    bool named; /* by WINSCARD_SERVICE */
    enum service_answer answer;
};

struct doctor {
    enum platform_library library;
    enum carrier_kind carrier;
    char endpoint[CARRIER_ENDPOINT_ROOM]; /* of pcscd or the service; "" */
    bool pcscd_answers;                   /* a pcscd runs, whoever uses it */
    const char *settings[SETTING_COUNT];  /* what is set in the environment, or NULL */
    char unknown[DOCTOR_UNKNOWN_MAX][64]; /* what looks like a setting, and is not one */
    size_t unknown_count;
    const char *failure; /* the name of the error that took the context; or NULL */
    size_t reader_count;
    size_t reader_usable_count; /* not gone, not taken away, not held alone */
    size_t reader_usb_count;    /* of type USB */
    size_t reader_usb_usable_count;
    struct holders holders;
    struct doctor_held held[DOCTOR_HELD_MAX];
    size_t held_count;
    char said[DOCTOR_SAID_MAX][DOCTOR_LINE_MAX]; /* errors that the library logged */
    size_t said_count;
    struct doctor_service services[DOCTOR_SERVICES_MAX];
    size_t service_count;
    struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
    size_t finding_count;
    struct doctor_device devices[DOCTOR_DEVICES_MAX];
    size_t device_count;
    bool devices_known; /* the system tells which USB devices there are */
    struct doctor_source sources[DOCTOR_FILES_MAX];
    size_t source_count;
    struct doctor_bundle bundles[DOCTOR_BUNDLES_MAX];
    size_t bundle_count;
};

/* Adds a finding; `remedy` may be "". Beyond the limit it is dropped. */
void doctor_find(struct doctor *doctor, enum doctor_weight weight, const char *remedy,
                 const char *format, ...) TEXT_PRINTF(4, 5);

/* Looks for smart card interfaces (class 0B) under the sysfs directory `devices`,
 * normally os_usb_devices(), and for their nodes under `nodes`, normally os_usb_nodes(). */
void doctor_look_for_usb(struct doctor *doctor, const char *devices, const char *nodes);

/* Reads the reader URIs of every DIRECTORY/NAME.conf as the library does: one a line or
 * ';' between them; '#' at the beginning or after a space begins a comment. */
void doctor_read_configuration(struct doctor *doctor, const char *directory);

/* doctor_serial.c: findings about readers on serial lines that pcscd's files of this
 * directory name, and that are not named to the library. */
void doctor_look_for_serial(struct doctor *doctor, const char *directory);

/* doctor_bundles.c: the drivers of pcscd's below `bundles`, normally os_pcscd_bundles(), the
 * readers in its files below `readers`, normally os_pcscd_readers(), and which of the USB
 * devices below `devices` each would take. */
void doctor_look_for_bundles(struct doctor *doctor, const char *bundles,
                             const char *readers, const char *devices);
/* Findings about them, where the library serves its readers itself. */
void doctor_judge_bundles(struct doctor *doctor);

/* doctor_settings.c: notes a variable that is set and looks like one of the library's. */
void doctor_note_variable(struct doctor *doctor, const char *name);
/* doctor_settings.c: findings about what is set. */
void doctor_judge_settings(struct doctor *doctor);

/* Tries the places where the library looks for a service: that of the setting, else the
 * user's and the machine's. Takes a few seconds for each at most. */
void doctor_try_services(struct doctor *doctor);
/* doctor_service.c: findings about services, their policy, and what the library said. */
void doctor_judge_services(struct doctor *doctor);
void doctor_judge_said(struct doctor *doctor);

/* Draws the findings from all of the above. */
void doctor_judge(struct doctor *doctor);

#endif
