/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader's features and properties by name (PC/SC part 10, 2.2 and 2.6). */
#ifndef CLI_PART10_H
#define CLI_PART10_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct part10_feature {
    uint8_t tag;
    uint32_t code; /* for SCardControl */
};

/* Reads one record of the answer to CM_IOCTL_GET_FEATURE_REQUEST and moves *at behind it;
 * records that are not 4 bytes long are skipped. False at the end. */
bool part10_next_feature(const uint8_t *bytes, size_t size, size_t *at,
                         struct part10_feature *feature);
/* "VERIFY_PIN_DIRECT"; "unknown" for a tag without a name. */
const char *part10_feature_name(uint8_t tag);

struct part10_property {
    uint8_t tag;
    const char *name; /* "wIdVendor"; "unknown" */
    bool is_text;     /* then bytes and size, else number */
    const uint8_t *bytes;
    size_t size;
    uint32_t number;
};

/* The same for the answer to GET_TLV_PROPERTIES; `bytes` stays borrowed. */
bool part10_next_property(const uint8_t *bytes, size_t size, size_t *at,
                          struct part10_property *property);

#endif
