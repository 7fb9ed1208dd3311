/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader URIs: scheme:rest?key=value&key=value, with %XX for any byte (RFC 3986, 2.1). */
#ifndef BASE_URI_H
#define BASE_URI_H

#include "base/compiler.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { URI_SIZE_MAX = 1024 }; /* bytes of one URI, its NUL counted */

/* The scheme of `uri`, "" if it has none. Errors: SC_E_INVALID_VALUE (no scheme, too
 * long), SC_E_INSUFFICIENT_BUFFER. */
enum sc_error uri_get_scheme(const char *uri, char *scheme, size_t room) MUST_CHECK;
/* What stands between the colon and the question mark, decoded. Errors:
 * SC_E_INVALID_VALUE (a broken %XX, or an encoded NUL), SC_E_INSUFFICIENT_BUFFER. */
enum sc_error uri_get_path(const char *uri, char *path, size_t room) MUST_CHECK;
/* The value of the first parameter `key`, decoded; a key without "=" has the value "".
 * Errors: SC_E_FILE_NOT_FOUND (there is none), and those of uri_get_path. */
enum sc_error uri_get_text(const char *uri, const char *key, char *value,
                           size_t room) MUST_CHECK;
/* A decimal number from min to max; *number stays as it is when there is no such
 * parameter. Errors: SC_E_INVALID_VALUE. */
enum sc_error uri_get_number(const char *uri, const char *key, uint32_t min, uint32_t max,
                             uint32_t *number) MUST_CHECK;
/* Such a number in a text of its own. */
enum sc_error uri_parse_number(const char *text, uint32_t min, uint32_t max,
                               uint32_t *number) MUST_CHECK;
/* Errors: SC_E_INVALID_VALUE: a parameter is not among `keys` (ended by NULL); its key is
 * written to `unknown`, cut to its room. */
enum sc_error uri_check_keys(const char *uri, const char *const *keys, char *unknown,
                             size_t room) MUST_CHECK;

/* Takes the next URI from a list: one a line, or with ';' between; '#' at the
 * beginning or after a space begins a comment that ends with the line. Spaces around are
 * dropped. *list moves on. Returns 1, 0 at the end, or -1 for an entry too long (it is
 * skipped). */
int uri_list_next(const char **list, char *uri, size_t room);

#endif
