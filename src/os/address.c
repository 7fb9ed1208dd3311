/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/socket.h"

#include <string.h>

/* Digits alone, 0 to 65535. */
static bool parse_port(const char *text, uint16_t *port)
{
    uint32_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= UINT16_MAX; at++)
        value = value * 10 + (uint32_t)(*at - '0');
    *port = (uint16_t)value;
    return at != text && *at == '\0' && value <= UINT16_MAX;
}

/* Without regard to case, in any locale. */
static bool is_localhost(const char *text, size_t size)
{
    static const char name[] = "localhost";
    if (size != sizeof(name) - 1)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((text[i] | 0x20) != name[i])
            return false;
    return true;
}

enum sc_error os_address_split(const char *text, char *address, size_t room,
                               uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !parse_port(colon + 1, port))
        return SC_E_INVALID_VALUE;
    size_t size = (size_t)(colon - text);
    bool brackets = size > 2 && text[0] == '[' && text[size - 1] == ']';
    if (brackets) {
        text++;
        size -= 2;
    } else if (is_localhost(text, size)) {
        text = "127.0.0.1";
        size = strlen(text);
    }
    if (size == 0 || size >= room)
        return SC_E_INVALID_VALUE;
    memcpy(address, text, size);
    address[size] = '\0';
    return SC_OK;
}
