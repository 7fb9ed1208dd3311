/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as sockets have them: the same names on every system, from other headers, which
 * come before this one. For os/<system>/socket.c alone. */
#ifndef OS_INET_H
#define OS_INET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

union inet {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The size of the address; 0 if the text is none. */
static inline int inet_parse(const char *text, uint16_t port, union inet *address)
{
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof(address->v4);
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return sizeof(address->v6);
    }
    return 0;
}

static inline bool inet_is_loopback(const union inet *address)
{
    enum { LOOPBACK_NET = 127 };
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == LOOPBACK_NET;
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static inline uint16_t inet_port(const union inet *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port
                                                   : address->v6.sin6_port);
}

#endif
