/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/options.h"

#include "base/log.h"
#include "host/host.h"

#include <stdio.h>

bool options_read_seconds(const char *text, uint32_t *seconds)
{
    enum { MOST = 86400, BASE = 10 };
    uint32_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= MOST; at++)
        value = value * BASE + (uint32_t)(*at - '0');
    if (*at != '\0' || value == 0 || value > MOST) {
        fprintf(stderr, "winscardd: --exit-idle wants 1 to %d seconds\n", MOST);
        return false;
    }
    *seconds = value;
    return true;
}

bool options_readers_complete(const char *readers)
{
    uint32_t refused = host_refused_readers();
    if (readers == NULL || refused == 0)
        return true;
    fprintf(stderr, "winscardd: --readers: %u of the readers cannot be served%s\n",
            (unsigned)refused, log_is_on(LOG_ERROR) ? "" : "; --log error says why");
    return false;
}
