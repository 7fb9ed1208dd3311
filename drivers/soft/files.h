/* SPDX-License-Identifier: BSD-2-Clause */
/* The file system of the software card: what is on it, and how a file is found, after
 * ISO/IEC 7816-4:2013, 7.2 and 11.
 *
 *     3F00 MF
 *       2F00 EF.DIR      SFI 1E  the application below
 *       2F01 EF.ATR/INFO SFI 1D  capabilities, longest APDUs
 *       2F02 EF.GDO      SFI 02  serial number
 *       7F10 DF, application F0 53 4F 46 54
 *         0001 text      SFI 01  a sentence; anybody writes
 *         0002 big       SFI 02  64 KiB: the byte at i is i ^ i >> 8; anybody writes
 *         0003 secret    SFI 03  256 bytes, the PIN opens them
 *         0004 notes     SFI 04  1024 bytes, anybody reads, the PIN lets write
 *       7F20 DF
 *         5F01 DF
 *           6F01 nested  SFI 01  a sentence, for paths */
#ifndef DRIVERS_SOFT_FILES_H
#define DRIVERS_SOFT_FILES_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOFT_FILE_COUNT = 12, SOFT_FILE_NONE = -1, SOFT_FILE_MF = 0 };

enum { SOFT_BIG_SIZE = 65536, SOFT_SERIAL_SIZE = 10 };

enum soft_access { SOFT_ACCESS_ALWAYS, SOFT_ACCESS_PIN, SOFT_ACCESS_NEVER };

enum soft_content {
    SOFT_CONTENT_BYTES,   /* `initial`, then zeros */
    SOFT_CONTENT_PATTERN, /* i ^ i >> 8 */
    SOFT_CONTENT_SERIAL   /* the card's own */
};

struct soft_file {
    uint16_t id;
    int parent; /* index in the table, SOFT_FILE_NONE for the MF */
    bool is_df;
    uint8_t sfi;         /* short identifier of an EF, 1 to 30 */
    const uint8_t *name; /* of an application, else NULL */
    size_t name_size;
    size_t size; /* of an EF */
    enum soft_access read, update;
    enum soft_content content;
    const uint8_t *initial;
    size_t initial_size;
};

extern const struct soft_file soft_files[SOFT_FILE_COUNT];

/* These give an index in the table or SOFT_FILE_NONE. `df` is an index of a DF. */
int soft_file_child(int df, uint16_t id);
int soft_file_by_sfi(int df, uint8_t sfi);
int soft_file_by_name(const uint8_t *name, size_t size);
/* What SELECT with a file identifier alone may mean (11.1.1): the MF, the DF itself, its
 * children, its parent, its siblings, in this order. */
int soft_file_near(int df, uint16_t id);
/* A path of identifiers, below `df`. */
int soft_file_by_path(int df, const uint8_t *path, size_t size);

/* What a file holds before anything was written to it. offset + size <= the file's. */
void soft_file_initial(int file, const uint8_t serial[SOFT_SERIAL_SIZE], size_t offset,
                       uint8_t *out, size_t size);

/* Writes file control information with this outer tag, 6F or 62, into `out` (at least 64
 * bytes); gives its size, 0 on failure. */
size_t soft_file_control(int file, uint32_t tag, uint8_t *out, size_t room) MUST_CHECK;

#endif
