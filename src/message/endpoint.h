/* SPDX-License-Identifier: BSD-2-Clause */
/* The file by which programs find a service behind TCP, and show that they may use it:
 * text, of these lines in this order.
 *
 *     winscard-endpoint 1
 *     address 127.0.0.1
 *     port 40123
 *     token 5f0c...
 *
 * A later version of it has another number in the first line; what follows the last line
 * is for such versions, and not looked at. */
#ifndef MESSAGE_ENDPOINT_H
#define MESSAGE_ENDPOINT_H

#include "message/message.h"

enum {
    ENDPOINT_ADDRESS_MAX = 64, /* bytes, with a NUL */
    ENDPOINT_TOKEN_MIN = 32,   /* bytes: 128 bits, as hexadecimal digits */
    ENDPOINT_FILE_MAX = 4096
};

struct endpoint {
    char address[ENDPOINT_ADDRESS_MAX]; /* numeric, and of this machine alone */
    uint16_t port;                      /* not 0 */
    uint8_t token[MESSAGE_TOKEN_MAX];   /* printable, without spaces */
    size_t token_size;
};

/* Writes the text with a NUL, and gives its length; 0: there is no room. */
size_t endpoint_print(const struct endpoint *endpoint, char *text, size_t room);
/* SC_E_UNSUPPORTED_FEATURE: of another version. SC_E_INVALID_VALUE: not such a file, or
 * one that was cut. Whether the address is of this machine, os_address_is_loopback()
 * says. */
enum sc_error endpoint_parse(const uint8_t *bytes, size_t size,
                             struct endpoint *endpoint) MUST_CHECK;

#endif
