/* SPDX-License-Identifier: BSD-2-Clause */
/* What .reg files are made of: bytes that grow, and the encodings of text. */
#ifndef DATABASE_REG_TEXT_H
#define DATABASE_REG_TEXT_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed but for `limit`, it is empty. */
struct reg_bytes {
    uint8_t *at; /* owned; NULL while nothing was added */
    size_t size, room, limit;
};

/* Errors of all: SC_E_NO_MEMORY, also past the limit. */
enum sc_error reg_bytes_add(struct reg_bytes *bytes, uint8_t byte) MUST_CHECK;
/* A NUL behind the last byte, which is not counted. */
enum sc_error reg_bytes_end(struct reg_bytes *bytes) MUST_CHECK;
void reg_bytes_free(struct reg_bytes *bytes);

/* A file's text as UTF-8. *line is that of the first error. Errors: SC_E_INVALID_VALUE
 * (malformed, or a NUL), SC_E_NO_MEMORY. */
enum sc_error reg_text_decode(const uint8_t *bytes, size_t size, struct reg_bytes *text,
                              uint32_t *line) MUST_CHECK;
/* The bytes of a text, or of a list of texts, as the registry has them: UTF-16, or with
 * `ansi` bytes. Empty texts of a list are left out. Errors: SC_E_INVALID_VALUE
 * (malformed), SC_E_NO_MEMORY. */
enum sc_error reg_text_from_value(const struct reg_bytes *value, bool ansi, bool list,
                                  struct reg_bytes *text) MUST_CHECK;

#endif
