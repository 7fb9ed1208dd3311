/* SPDX-License-Identifier: BSD-2-Clause */
/* .reg files, as Windows' regedit writes and reads them: "Windows Registry Editor Version
 * 5.00" (UTF-16LE with its mark) or "REGEDIT4" (the ANSI code page). UTF-8 is taken as
 * well, with or without a mark; bytes without a mark that are not UTF-8 are read as ISO
 * 8859-1. Pure: no file is opened here.
 *
 * Stricter than regedit, which passes over whatever it does not understand: a line that
 * is neither empty, a comment, a key nor a value is an error, and so is a value outside a
 * key. */
#ifndef DATABASE_REG_H
#define DATABASE_REG_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REG_FILE_LIMIT = 256 * 1024 * 1024, /* bytes of a file */
    REG_KEY_LIMIT = 4096,               /* bytes of a key's path, with its NUL */
    REG_NAME_LIMIT = 1024,              /* bytes of a value's name, with its NUL */
    REG_VALUE_LIMIT = 1024 * 1024       /* bytes of a value */
};

enum reg_kind {
    REG_ITEM_KEY,           /* [key] */
    REG_ITEM_KEY_REMOVED,   /* [-key] */
    REG_ITEM_VALUE,         /* "name"=... */
    REG_ITEM_VALUE_REMOVED, /* "name"=- */
};

/* The registry's numbers; others occur, and their bytes are given as they are. */
enum reg_type {
    REG_TYPE_TEXT = 1,
    REG_TYPE_EXPAND = 2, /* text with %variables%, which is not expanded here */
    REG_TYPE_BINARY = 3,
    REG_TYPE_NUMBER = 4,
    REG_TYPE_TEXTS = 7
};

/* All is borrowed for the call. Text is UTF-8. */
struct reg_item {
    enum reg_kind kind;
    const char *key;  /* the whole path, as it is written */
    const char *name; /* of a value; "" for the key's own (@) */
    uint32_t type;
    /* TEXT and EXPAND: without the NUL, though one follows. TEXTS: a multi-string, all of
     * its NULs counted. NUMBER: four bytes, the lowest first. */
    const uint8_t *bytes;
    size_t size;
    uint32_t line; /* where it begins, from 1 */
};

/* Any error but SC_OK ends the reading with that error. */
typedef enum sc_error reg_take(void *context, const struct reg_item *item);

/* Hands out what the file says, in its order. *line (may be NULL) is that of the first
 * error, or 0. Errors: SC_E_INVALID_VALUE (no such file, or a broken line),
 * SC_E_NO_MEMORY (or past a limit), what `take` returned. */
enum sc_error reg_read(const uint8_t *bytes, size_t size, reg_take *take, void *context,
                       uint32_t *line) MUST_CHECK;

/* Whether it begins as such a file does: what is wrong is further down. */
bool reg_is_begun(const uint8_t *bytes, size_t size);

/* Takes pieces of a file. */
typedef void reg_put(void *context, const char *text, size_t size);

/* Writing: UTF-8, CR LF, lines of binary values broken as regedit does. */
void reg_write_header(reg_put *put, void *context);
/* A key begins with an empty line. Errors: SC_E_INVALID_VALUE (text that is not UTF-8),
 * SC_E_NO_MEMORY. */
enum sc_error reg_write_item(const struct reg_item *item, reg_put *put,
                             void *context) MUST_CHECK;

/* Makes UTF-16LE with its mark of the UTF-8 that is written: zeroed but for the first
 * two, it is the context of reg_put_wide(). What is malformed becomes U+FFFD. */
struct reg_wide {
    reg_put *put;
    void *context;
    bool begun;
    uint8_t have; /* bytes of a character that is not complete */
    char pending[4];
};

void reg_put_wide(void *context, const char *text, size_t size);

#endif
